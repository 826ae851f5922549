/** PostgreSQL's EXPLAIN (FORMAT JSON), read defensively: its members differ by node and version. */
export interface PlanStep {
  label: string;
  detail: string[];
  cost: number | null;
  plannedRows: number | null;
  realRows: number | null;
  /** Milliseconds of the node itself, without its children; null unless analyzed. */
  ownTime: number | null;
  totalTime: number | null;
  children: PlanStep[];
}

type Json = Record<string, unknown>;

const DETAILS = [
  "Index Cond",
  "Hash Cond",
  "Merge Cond",
  "Join Filter",
  "Filter",
  "Recheck Cond",
  "Sort Key",
  "Group Key",
  "Rows Removed by Filter",
  "Sort Method",
  "Workers Launched",
  "Heap Fetches",
];

/** Read a node and everything below it. */
export function readStep(node: unknown): PlanStep {
  const json = isJson(node) ? node : {};
  const children = (Array.isArray(json["Plans"]) ? json["Plans"] : []).map(readStep);
  const loops = number(json["Actual Loops"]) ?? 1;
  const time = number(json["Actual Total Time"]);
  const totalTime = time === null ? null : time * loops;
  const below = children.reduce((sum, child) => sum + (child.totalTime ?? 0), 0);
  const real = number(json["Actual Rows"]);
  return {
    label: label(json),
    detail: DETAILS.filter((key) => json[key] !== undefined).map((key) => `${key}: ${print(json[key])}`),
    cost: number(json["Total Cost"]),
    plannedRows: number(json["Plan Rows"]),
    realRows: real === null ? null : real * loops,
    ownTime: totalTime === null ? null : Math.max(0, totalTime - below),
    totalTime,
    children,
  };
}

function label(json: Json): string {
  const name = text(json["Node Type"]) ?? "?";
  const join = text(json["Join Type"]);
  const relation = text(json["Relation Name"]);
  const alias = text(json["Alias"]);
  const index = text(json["Index Name"]);
  return [
    join && join !== "Inner" ? `${join} ${name}` : name,
    relation ? `on ${relation}${alias && alias !== relation ? ` ${alias}` : ""}` : "",
    index ? `using ${index}` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function print(value: unknown): string {
  if (Array.isArray(value)) return value.map(print).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
