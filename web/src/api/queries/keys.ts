import type { TableName } from "./tables";

/** The names under which answers are kept; a live message names what to read again by them. */
export const keys = {
  overview: ["overview"],
  preparation: ["preparation"],
  tables: ["tables"],
  table: ({ schema_name, name }: TableName) => ["table", schema_name, name] as const,
  plan: ["plan"],
  dropped: ["dropped"],
  everyTable: ["table"],
  refreshes: ["refreshes"],
  running: ["running"],
  refresh: (id: number) => ["refresh", id] as const,
  graph: ["graph"],
  sources: ["sources"],
  metrics: ["metrics"],
  recommendations: ["recommendations"],
  quality: ["quality"],
  completions: ["completions"],
  /** What a live message about alerts makes stale. */
  alerts: ["alerts"],
  /** What people have said of alerts: rules, channels, silences, routes. */
  alerting: ["alerting"],
  templates: ["templates"],
  system: ["system"],
  me: ["me"],
  users: ["users"],
  tokens: ["tokens"],
  audit: ["audit"],
  /** Whether an answer changes when a table does. */
  ofTables: ([first]: readonly unknown[]): boolean =>
    typeof first === "string" &&
    ["overview", "tables", "table", "dropped", "refreshes", "graph", "recommendations"].includes(first),
} as const;
