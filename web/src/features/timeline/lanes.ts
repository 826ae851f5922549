import type { Graph, Refresh, RunningRefresh } from "../../api/types";
import { pipelines } from "../../shared/dag/pipelines";

export interface Lane {
  key: string;
  schema_name: string;
  name: string;
  /** Steps from the first dynamic table of its pipeline. */
  depth: number;
  /** Whether a new pipeline begins here. */
  first: boolean;
  refreshes: readonly Refresh[];
  /** The refresh of the table that is at work. */
  running: RunningRefresh | null;
}

interface Named {
  schema_name: string;
  name: string;
}

/** One lane a table; tables that read each other stand together, in the order of work. */
export function lanesOf(
  graph: Graph | undefined,
  refreshes: readonly Refresh[],
  running: readonly RunningRefresh[],
): Lane[] {
  const byTable = Map.groupBy(refreshes, ({ table_id }) => table_id);
  // Of several that want to refresh one table, the first is at work.
  const atWork = new Map(running.toReversed().map((each) => [each.table_id, each]));
  const place = pipelines(graph);
  const lanes = [...new Set([...byTable.keys(), ...atWork.keys()])].map((id) => {
    const items = byTable.get(id) ?? [];
    const present = atWork.get(id) ?? null;
    const { schema_name, name }: Named = present ?? items[0] ?? { schema_name: "", name: "" };
    const { pipeline, depth } = place.get(id) ?? { pipeline: Infinity, depth: 0 };
    return { key: String(id), schema_name, name, depth, pipeline, refreshes: items, running: present };
  });
  lanes.sort((a, b) => a.pipeline - b.pipeline || a.depth - b.depth || a.name.localeCompare(b.name));
  return lanes.map(({ pipeline, ...lane }, index) => ({
    ...lane,
    first: lanes[index - 1]?.pipeline !== pipeline,
  }));
}
