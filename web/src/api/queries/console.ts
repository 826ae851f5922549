import { client, unwrap } from "../client";
import { csrfHeaders } from "../csrf";
import { toApiError, unreachable } from "../problem";
import type { QueryColumn, QueryEnd, QueryHead, Schemas } from "../types";

export interface StreamHandlers {
  onHead: (columns: QueryColumn[]) => void;
  onRows: (rows: (string | null)[][]) => void;
  onEnd: (end: QueryEnd) => void;
}

interface RunOptions {
  id: string;
  sql: string;
  /** Most rows; null is every row. */
  limit: number | null;
  signal: AbortSignal;
}

/** Run a statement and hand its rows on as they come: one JSON value a line. */
export async function streamQuery(options: RunOptions, handlers: StreamHandlers): Promise<void> {
  const response = await post(options, "application/x-ndjson");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  const take = lineTaker(handlers);
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    take(lines);
  }
  take([rest]);
}

/** Sort lines into head, rows and end; rows are handed on in one batch a chunk. */
export function lineTaker({ onHead, onRows, onEnd }: StreamHandlers): (lines: readonly string[]) => void {
  return (lines) => {
    const rows: (string | null)[][] = [];
    for (const line of lines) {
      if (line.trim() === "") continue;
      const value = JSON.parse(line) as (string | null)[] | QueryHead | QueryEnd;
      if (Array.isArray(value)) rows.push(value);
      else if ("columns" in value) onHead(value.columns);
      else {
        if (rows.length > 0) onRows(rows.splice(0));
        onEnd(value);
      }
    }
    if (rows.length > 0) onRows(rows);
  };
}

/** Fetch every row as a CSV file, and tell how many bytes have come. */
export async function csvQuery(options: RunOptions, onBytes: (bytes: number) => void): Promise<Blob> {
  const { body } = await post(options, "text/csv");
  let size = 0;
  const counted = body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        onBytes((size += chunk.length));
        controller.enqueue(chunk);
      },
    }),
  );
  // The browser keeps what is long on disk.
  return new Response(counted ?? null, { headers: { "Content-Type": "text/csv" } }).blob();
}

async function post({ id, sql, limit, signal }: RunOptions, accept: string): Promise<Response> {
  const headers = new Headers([["Content-Type", "application/json"], ["Accept", accept], ...csrfHeaders()]);
  let response: Response;
  try {
    response = await fetch("/api/v1/queries", {
      method: "POST",
      headers,
      body: JSON.stringify({ id, sql, limit }),
      signal,
    });
  } catch (error) {
    throw error instanceof DOMException && error.name === "AbortError" ? error : unreachable(error);
  }
  if (!response.ok) throw toApiError(await response.json().catch(() => undefined), response);
  return response;
}

/** Cancel a statement, even one that has not reached the server yet. */
export async function cancelQuery(id: string): Promise<void> {
  await unwrap(client.DELETE("/api/v1/queries/{query_id}", { params: { path: { query_id: id } } }));
}

/** PostgreSQL's plan of a statement. */
export function explainQuery(sql: string, analyze: boolean): Promise<Schemas["QueryPlan"]> {
  return unwrap(client.POST("/api/v1/queries/explain", { body: { sql, analyze } }));
}
