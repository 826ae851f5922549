import { useMemo } from "react";
import type { Graph, GraphNode } from "../../api/types";
import { LENSES } from "../../shared/dag/lens";
import { neighbours } from "../../shared/dag/walk";
import { words } from "../../shared/lib/status";
import { graphTexts as t } from "../../shared/texts/graph";
import { DataTable, type Columns } from "../../shared/ui/DataTable";

type Row = GraphNode & { reads: string; readers: string };

const columns: Columns<Row> = [
  {
    field: "name",
    headerName: t.name,
    flex: 1.3,
    minWidth: 180,
    valueGetter: (_, row) => `${row.schema_name}.${row.name}`,
  },
  { field: "kind", headerName: t.kind, width: 120, valueGetter: (_, row) => words(row.kind) },
  { field: "level", headerName: t.level, width: 70, align: "right", headerAlign: "right" },
  {
    field: "status",
    headerName: t.state,
    width: 120,
    valueGetter: (_, row) => (row.status ? LENSES.state.fact(row) : ""),
  },
  {
    field: "lag",
    headerName: t.lag,
    width: 120,
    valueGetter: (_, row) => (row.status ? LENSES.lag.fact(row) : ""),
  },
  { field: "reads", headerName: t.reads, flex: 1.5, minWidth: 180 },
  { field: "readers", headerName: t.readBy, flex: 1.5, minWidth: 180 },
];

/** The graph for those who cannot, or do not want to, look at a picture. */
export function GraphTable({
  graph,
  onSelect,
}: {
  graph: Graph;
  onSelect: (id: string) => void;
}): React.ReactElement {
  const rows = useMemo(() => {
    const near = neighbours(graph);
    const names = new Map(graph.nodes.map((node) => [node.id, `${node.schema_name}.${node.name}`]));
    const list = (ids: readonly string[] = []): string => ids.map((id) => names.get(id) ?? id).join(", ");
    return [...graph.nodes]
      .sort((a, b) => a.level - b.level || a.name.localeCompare(b.name))
      .map((node): Row => ({
        ...node,
        reads: list(near.up.get(node.id)),
        readers: list(near.down.get(node.id)),
      }));
  }, [graph]);
  return (
    <DataTable<Row>
      label={t.table}
      rows={rows}
      columns={columns}
      rowId={({ id }) => id}
      rowHeight={36}
      onOpen={({ id }) => onSelect(id)}
      empty={t.nothing}
    />
  );
}
