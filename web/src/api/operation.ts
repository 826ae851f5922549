import { client, unwrap } from "./client";
import { ApiError } from "./problem";
import type { Schemas } from "./types";

type Operation = Schemas["Operation"];

const WAIT_SECONDS = 20;

/** Follow a statement that takes time to its end; throw its problem if it failed. */
export async function finished(started: Operation, signal?: AbortSignal): Promise<Operation> {
  let operation = started;
  while (operation.state === "RUNNING") {
    operation = await unwrap(
      client.GET("/api/v1/operations/{operation_id}", {
        params: { path: { operation_id: operation.id }, query: { wait: WAIT_SECONDS } },
        ...(signal ? { signal } : {}),
      }),
    );
  }
  if (operation.problem) throw new ApiError(operation.problem);
  return operation;
}
