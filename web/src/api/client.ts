import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./generated/schema";
import { csrfHeaders } from "./csrf";
import { toApiError, unreachable } from "./problem";

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Writes carry the mark of this app, which another site cannot set, and a key so that a repeat does nothing twice. */
const writes: Middleware = {
  onRequest({ request }) {
    if (!WRITES.has(request.method)) return undefined;
    for (const [name, value] of csrfHeaders()) request.headers.set(name, value);
    request.headers.set("Idempotency-Key", crypto.randomUUID());
    return request;
  },
  onError: ({ error }) => unreachable(error),
};

/** The typed client of the API, on the host that served the app. */
export const client = createClient<paths>({
  baseUrl: location.origin,
  credentials: "same-origin",
  // Looked up at each call, so that tests can put theirs in its place.
  fetch: (request) => globalThis.fetch(request),
});
client.use(writes);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Take the data of an answer, or throw its problem as an error. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (error !== undefined || !response.ok) throw toApiError(error, response);
  return data as T;
}
