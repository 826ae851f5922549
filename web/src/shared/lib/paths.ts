/** The addresses of things; every link is made here. */

interface Named {
  schema_name: string;
  name: string;
}

/** The page of a dynamic table; `tab` may be any of its tabs. */
export function tablePath({ schema_name, name }: Named, tab = ""): string {
  const path = `/tables/${encodeURIComponent(schema_name)}/${encodeURIComponent(name)}`;
  return tab === "" ? path : `${path}/${tab}`;
}

/** The lag of a dynamic table between two instants, in milliseconds. */
export function lagPath(table: Named, from: number, to: number): string {
  return `${tablePath(table, "lag")}?from=${Math.round(from)}&to=${Math.round(to)}`;
}

/** The list of dropped tables, over that of the others. */
export function droppedPath(): string {
  return "/tables?dropped=show";
}

/** The page of one refresh. */
export function refreshPath(id: number): string {
  return `/timeline/refreshes/${id}`;
}

/** The graph with one node selected. */
export function graphPath(node: string, focus?: "up" | "down" | "both"): string {
  const params = new URLSearchParams({ node });
  if (focus) params.set("focus", focus);
  return `/graph?${params.toString()}`;
}

/** Split `schema.name`; names with a dot in them are quoted by the server. */
export function splitName(qualified: string): Named {
  const match = /^("(?:[^"]|"")+"|[^.]+)\.(.+)$/.exec(qualified);
  const unquote = (part: string): string =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
  return match?.[1] !== undefined && match[2] !== undefined
    ? { schema_name: unquote(match[1]), name: unquote(match[2]) }
    : { schema_name: "public", name: qualified };
}

/** The quality of a table, dynamic or not; with a rule, that one open. */
export function qualityPath({ schema_name, name }: Named, rule?: string): string {
  const path = `/quality/${encodeURIComponent(schema_name)}/${encodeURIComponent(name)}`;
  return rule === undefined ? path : `${path}?${new URLSearchParams({ rule }).toString()}`;
}

/** The form of a rule: a new one of a table, or one that is there. */
export function ruleFormPath(table?: Named, rule?: string): string {
  if (table === undefined) return "/quality/new";
  const params = new URLSearchParams({ table: `${table.schema_name}.${table.name}` });
  if (rule !== undefined) params.set("rule", rule);
  return `/quality/new?${params.toString()}`;
}

/** The page of one alert. */
export function alertPath(fingerprint: string): string {
  return `/alerts/alert/${fingerprint}`;
}

/** The page of one incident. */
export function incidentPath(id: number): string {
  return `/alerts/incidents/${id}`;
}

/** The builder with the definition of a table. */
export function builderPath({ schema_name, name }: Named): string {
  return `/builder?${new URLSearchParams({ schema: schema_name, name }).toString()}`;
}
