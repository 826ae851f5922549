import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { graphQuery } from "../../../api/queries/graph";
import { lineageQuery } from "../../../api/queries/tables";
import type { Graph, Schemas } from "../../../api/types";
import { GraphCanvas } from "../../../shared/dag/GraphCanvas";
import { neighbours, part, reach } from "../../../shared/dag/walk";
import { graphPath, tablePath } from "../../../shared/lib/paths";
import { words } from "../../../shared/lib/status";
import { tableTexts as t } from "../../../shared/texts/table";
import { Panel } from "../../../shared/ui/Panel";
import { Empty, Loaded } from "../../../shared/ui/States";
import type { TabProps } from "../TablePage";

/** Where a table comes from and what hangs on it: tables, then columns. */
export function LineageTab({ table }: TabProps): React.ReactElement {
  const graph = useQuery(graphQuery());
  const columns = useQuery(lineageQuery(table));
  return (
    <>
      <Panel flush sx={{ height: 380, flex: "none" }}>
        <Loaded query={graph} lines={8}>
          {(data) => <Around graph={data} id={table.id} />}
        </Loaded>
      </Panel>
      <Panel title={t.columnLineage} flush>
        <Loaded query={columns} lines={6} isEmpty={(data) => data.length === 0} empty={<Empty title="–" />}>
          {(edges) => <ColumnEdges edges={edges} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Around({ graph, id }: { graph: Graph; id: number }): React.ReactElement {
  const navigate = useNavigate();
  const node = graph.nodes.find(({ table_id }) => table_id === id)?.id ?? null;
  const shown = useMemo(
    () => (node === null ? graph : part(graph, reach(neighbours(graph), node, "both"))),
    [graph, node],
  );
  return (
    <GraphCanvas
      graph={shown}
      lens="state"
      selected={node}
      onSelect={(next) => {
        const other = graph.nodes.find(({ id: each }) => each === next);
        if (other?.table_id != null && other.table_id !== id) void navigate(tablePath(other, "lineage"));
        else if (other && other.table_id == null) void navigate(graphPath(other.id, "down"));
      }}
    />
  );
}

function ColumnEdges({ edges }: { edges: readonly Schemas["ColumnEdge"][] }): React.ReactElement {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={t.columnLineage}>
        <TableHead>
          <TableRow>
            {[t.column, t.from, t.kind, t.expression].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {edges.map((edge, index) => (
            <TableRow key={index}>
              <TableCell>{edge.column ? <code>{edge.column}</code> : "which rows there are"}</TableCell>
              <TableCell>
                {edge.source_name ? (
                  <code>
                    {edge.source_schema}.{edge.source_name}.{edge.source_column}
                  </code>
                ) : (
                  "–"
                )}
              </TableCell>
              <TableCell>{words(edge.kind)}</TableCell>
              <TableCell sx={{ overflowWrap: "anywhere" }}>
                {edge.expression ? <code>{edge.expression}</code> : ""}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}
