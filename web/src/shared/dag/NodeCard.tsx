import Box from "@mui/material/Box";
import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import type { GraphNode } from "../../api/types";
import { cssColor, STATUS_LOOKS } from "../lib/status";
import { StateMark } from "../ui/StateMark";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";
import { LENSES, type LensName } from "./lens";

export type CardNode = Node<{ node: GraphNode; lens: LensName; dimmed: boolean; critical: boolean }, "card">;

/** A relation in the graph: its name, its state, and the fact that the lens asks for. */
export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<CardNode>): React.ReactElement {
  const { node, lens, dimmed, critical } = data;
  const look = LENSES[lens];
  const color = cssColor(look.color(node));
  const table = node.kind === "DYNAMIC_TABLE";
  return (
    <Box
      sx={{
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        opacity: dimmed ? 0.28 : 1,
        display: "flex",
        overflow: "hidden",
        borderRadius: 1,
        border: `1px ${table ? "solid" : "dashed"} ${selected || critical ? cssColor("primary.main") : cssColor("divider")}`,
        outline: selected
          ? `2px solid ${cssColor("primary.main")}`
          : critical
            ? `1px solid ${cssColor("primary.main")}`
            : "none",
        bgcolor: table ? "background.paper" : "background.default",
        transition: "opacity 120ms",
      }}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} style={HANDLE} />
      {table ? <Box sx={{ width: 5, flex: "none", bgcolor: color }} /> : null}
      <Box sx={{ flex: 1, minWidth: 0, px: 1.25, py: 0.75, display: "grid", alignContent: "center" }}>
        <Box sx={{ display: "flex", alignItems: "center", gap: 0.75, minWidth: 0 }}>
          {node.status ? <StateMark look={STATUS_LOOKS[node.status]} size={9} /> : null}
          <Box component="span" sx={NAME} title={`${node.schema_name}.${node.name}`}>
            {node.name}
          </Box>
          {node.running ? <Box sx={PULSE} title="refreshing" /> : null}
        </Box>
        <Box
          sx={{
            display: "flex",
            justifyContent: "space-between",
            gap: 1,
            fontSize: 11,
            color: "text.secondary",
          }}
        >
          <Box component="span" sx={ELLIPSIS}>
            {node.schema_name}
          </Box>
          <Box component="span" sx={{ color, fontWeight: 560, whiteSpace: "nowrap" }}>
            {look.fact(node)}
          </Box>
        </Box>
      </Box>
      <Handle type="source" position={Position.Right} isConnectable={false} style={HANDLE} />
    </Box>
  );
});

const HANDLE = { opacity: 0, pointerEvents: "none" } as const;
const ELLIPSIS = { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" } as const;
const NAME = { ...ELLIPSIS, fontSize: 13, fontWeight: 580, flex: 1 } as const;
const PULSE = {
  width: 8,
  height: 8,
  flex: "none",
  borderRadius: "50%",
  bgcolor: cssColor("states.running"),
  animation: "dt-pulse 1.2s ease-in-out infinite",
  "@keyframes dt-pulse": { "50%": { opacity: 0.25 } },
} as const;
