import type { Graph, Refresh } from "../../api/types";
import { pipelines } from "../../shared/dag/pipelines";

export interface Lane {
  key: string;
  schema_name: string;
  name: string;
  /** Steps from the first dynamic table of its pipeline. */
  depth: number;
  /** Whether a new pipeline begins here. */
  first: boolean;
  refreshes: Refresh[];
}

/** One lane a table; tables that read each other stand together, in the order of work. */
export function lanesOf(graph: Graph | undefined, refreshes: readonly Refresh[]): Lane[] {
  const byTable = Map.groupBy(refreshes, ({ table_id }) => table_id);
  const place = pipelines(graph);
  const lanes = [...byTable].map(([id, items]) => {
    const { schema_name = "", name = "" } = items[0] ?? {};
    const { pipeline, depth } = place.get(id) ?? { pipeline: Infinity, depth: 0 };
    return { key: String(id), schema_name, name, depth, pipeline, refreshes: items };
  });
  lanes.sort((a, b) => a.pipeline - b.pipeline || a.depth - b.depth || a.name.localeCompare(b.name));
  return lanes.map(({ pipeline, ...lane }, index) => ({
    ...lane,
    first: lanes[index - 1]?.pipeline !== pipeline,
  }));
}
