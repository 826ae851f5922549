import { http, HttpResponse, type JsonBodyType } from "msw";
import type { Schemas } from "../api/types";
import { overview, table } from "./factories";

/** Answer a GET of the API. */
export function get(path: string, body: JsonBodyType): ReturnType<typeof http.get> {
  return http.get(`*/api/v1${path}`, () => HttpResponse.json(body));
}

/** Answer with a problem. */
export function problem(status: number, body: Partial<Schemas["Problem"]>): Response {
  return HttpResponse.json(
    { type: "about:blank", status, code: "DT000", title: "failed", ...body },
    { status },
  );
}

const me: Schemas["Me"] = {
  name: "ada",
  role: "admin",
  how: "session",
  database_role: null,
  csrf_token: "secret",
  console_refused: null,
  console_rows: 10_000,
  console_seconds: 60,
};
const preparation: Schemas["Preparation"] = {
  active: false,
  ready: true,
  headline: "",
  error: null,
  changed_rows: 0,
  steps: [],
};

export const handlers = [
  get("/auth/me", me),
  get("/preparation", preparation),
  get("/overview", overview()),
  get("/dynamic-tables", { items: [table()], next_cursor: null }),
  get("/dynamic-tables/dropped", []),
  get("/completions", {
    search_path: ["public"],
    schemas: [],
    functions: [],
    foreign_keys: [],
    options: {},
    truncated: false,
  }),
  get("/templates", []),
  get("/recommendations", []),
  get("/metrics/:name", []),
  get("/graph", { at: "2026-11-25T08:00:00Z", nodes: [], edges: [] }),
];
