import type { Graph } from "../../api/types";

interface Placed {
  pipeline: number;
  depth: number;
}

/** The pipeline (a connected part of the dynamic tables) and the depth of each table. */
export function pipelines(graph: Graph | undefined): Map<number, Placed> {
  const tables = new Map(
    (graph?.nodes ?? []).filter(({ table_id }) => table_id != null).map((node) => [node.id, node]),
  );
  const edges = (graph?.edges ?? []).filter(({ source, target }) => tables.has(source) && tables.has(target));
  const root = new Map([...tables.keys()].map((id) => [id, id]));
  const find = (id: string): string => {
    const up = root.get(id) ?? id;
    return up === id ? id : find(up);
  };
  for (const { source, target } of edges) root.set(find(target), find(source));
  const roots = [...new Set([...tables.keys()].map(find))];
  const lowest = new Map<string, number>();
  for (const node of tables.values()) {
    const pipeline = find(node.id);
    lowest.set(pipeline, Math.min(lowest.get(pipeline) ?? Infinity, node.level));
  }
  const placed = new Map<number, Placed>();
  for (const node of tables.values()) {
    const pipeline = find(node.id);
    if (node.table_id == null) continue;
    placed.set(node.table_id, {
      pipeline: roots.indexOf(pipeline),
      depth: node.level - (lowest.get(pipeline) ?? 0),
    });
  }
  return placed;
}
