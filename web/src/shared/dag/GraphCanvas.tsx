import Box from "@mui/material/Box";
import {
  Background,
  Controls,
  MarkerType,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useEffect, useMemo } from "react";
import type { Graph, GraphEdge } from "../../api/types";
import { useWide } from "../hooks/use-wide";
import { cssColor } from "../lib/status";
import { dagTexts } from "../texts/dag";
import { layout, NODE_HEIGHT, NODE_WIDTH, type Place } from "./layout";
import { LENSES, type LensName } from "./lens";
import { NodeCard, type CardNode } from "./NodeCard";
import { neighbours } from "./walk";

interface GraphCanvasProps {
  graph: Graph;
  lens: LensName;
  selected: string | null;
  /** Nodes that stay bright; null is all. */
  bright?: ReadonlySet<string> | null;
  /** Nodes on the critical path. */
  critical?: ReadonlySet<string>;
  onSelect: (id: string | null) => void;
  onOpen?: (id: string) => void;
}

const TYPES = { card: NodeCard };

/** A structure stays while only states change, so that a live graph does not jump. */
function useLayout(graph: Graph): Map<string, Place> {
  const shape =
    graph.nodes.map(({ id }) => id).join() +
    graph.edges.map(({ source, target }) => `${source}>${target}`).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => layout(graph), [shape]);
}

/** The graph, drawn; arrows walk it, Enter opens. */
export function GraphCanvas(props: GraphCanvasProps): React.ReactElement {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({
  graph,
  lens,
  selected,
  bright = null,
  critical,
  onSelect,
  onOpen,
}: GraphCanvasProps): React.ReactElement {
  const places = useLayout(graph);
  // A small window, or one that is zoomed, has no room for a second picture of the same.
  const roomy = useWide();
  const { fitView, setCenter, getZoom } = useReactFlow();
  const nodes = useMemo<CardNode[]>(
    () =>
      graph.nodes.map((node) => ({
        id: node.id,
        type: "card",
        position: places.get(node.id) ?? { x: 0, y: 0 },
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        selected: node.id === selected,
        draggable: false,
        ariaLabel: `${node.schema_name}.${node.name}, ${LENSES.state.fact(node)}`,
        data: {
          node,
          lens,
          dimmed: bright !== null && !bright.has(node.id),
          critical: critical?.has(node.id) ?? false,
        },
      })),
    [graph, places, lens, selected, bright, critical],
  );
  const edges = useMemo(
    () => graph.edges.map((edge) => drawn(edge, bright, critical)),
    [graph, bright, critical],
  );
  useEffect(() => {
    void fitView({ padding: 0.12, maxZoom: 1.1, duration: 0 });
  }, [places, fitView]);

  // What was searched for is brought into view; what is drawn stays where it is.
  const wanted = bright === null ? "" : [...bright].sort().join(" ");
  useEffect(() => {
    if (wanted === "") return;
    const found = wanted.split(" ").map((id) => ({ id }));
    void fitView({ nodes: found, padding: 0.3, maxZoom: 1.1, duration: 200 });
  }, [wanted, fitView]);

  function onKeyDown(event: React.KeyboardEvent): void {
    const next = step(graph, places, selected, event.key);
    if (event.key === "Enter" && selected !== null) onOpen?.(selected);
    if (event.key === "Escape") onSelect(null);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect(next);
    const place = places.get(next);
    if (place)
      void setCenter(place.x + NODE_WIDTH / 2, place.y + NODE_HEIGHT / 2, { zoom: getZoom(), duration: 150 });
  }

  return (
    <Box
      role="group"
      aria-label={dagTexts.canvas}
      tabIndex={0}
      onKeyDownCapture={onKeyDown}
      sx={{ height: "100%", minHeight: 260, "& .react-flow__attribution": { display: "none" } }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        onNodeClick={(_, node) => onSelect(node.id)}
        onNodeDoubleClick={(_, node) => onOpen?.(node.id)}
        onPaneClick={() => onSelect(null)}
        onlyRenderVisibleElements={graph.nodes.length > 120}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        minZoom={0.05}
        maxZoom={1.8}
        proOptions={{ hideAttribution: true }}
        style={FLOW}
      >
        <Background gap={22} size={1} color={cssColor("divider")} />
        <Controls showInteractive={false} />
        {graph.nodes.length > 30 && roomy ? (
          <MiniMap<CardNode>
            pannable
            zoomable
            ariaLabel={null}
            nodeColor={({ data }) => cssColor(LENSES[data.lens].color(data.node))}
            nodeStrokeWidth={0}
          />
        ) : null}
      </ReactFlow>
    </Box>
  );
}

function drawn(
  { source, target, rows }: GraphEdge,
  bright: ReadonlySet<string> | null,
  critical: ReadonlySet<string> | undefined,
): Edge {
  const lit = bright === null || (bright.has(source) && bright.has(target));
  const strong = (critical?.has(source) && critical.has(target)) ?? false;
  const color = cssColor(strong ? "primary.main" : "text.secondary");
  return {
    id: `${source}>${target}`,
    source,
    target,
    focusable: false,
    markerEnd: { type: MarkerType.ArrowClosed, color, width: 9, height: 9, markerUnits: "userSpaceOnUse" },
    // The more rows a refresh read over an edge, the thicker it is.
    style: {
      stroke: color,
      strokeWidth: strong ? 2.5 : 1 + Math.min(3, Math.log10(1 + (rows ?? 0)) / 2),
      opacity: lit ? 0.75 : 0.12,
    },
  };
}

/** The node that an arrow key leads to: along an edge, or to the next in the same column. */
export function step(
  graph: Graph,
  places: ReadonlyMap<string, Place>,
  from: string | null,
  key: string,
): string | null {
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key)) return null;
  if (from === null || !places.has(from)) return graph.nodes[0]?.id ?? null;
  const near = neighbours(graph);
  if (key === "ArrowLeft") return near.up.get(from)?.[0] ?? null;
  if (key === "ArrowRight") return near.down.get(from)?.[0] ?? null;
  const here = places.get(from) ?? { x: 0, y: 0 };
  const sign = key === "ArrowDown" ? 1 : -1;
  const ahead = graph.nodes
    .map(({ id }) => ({ id, place: places.get(id) ?? { x: 0, y: 0 } }))
    .filter(({ id, place }) => id !== from && (place.y - here.y) * sign > 0)
    .sort((a, b) => distance(a.place, here) - distance(b.place, here));
  return ahead[0]?.id ?? null;
}

function distance(a: Place, b: Place): number {
  return Math.abs(a.x - b.x) * 2 + Math.abs(a.y - b.y);
}

// xyflow's own colours, from the theme.
const FLOW: React.CSSProperties & Record<`--${string}`, string> = {
  "--xy-background-color": "transparent",
  "--xy-controls-button-background-color": cssColor("background.paper"),
  "--xy-controls-button-background-color-hover": cssColor("background.default"),
  "--xy-controls-button-color": cssColor("text.secondary"),
  "--xy-controls-button-color-hover": cssColor("text.primary"),
  "--xy-controls-button-border-color": cssColor("divider"),
  "--xy-minimap-background-color": cssColor("background.paper"),
  "--xy-minimap-mask-background-color": "rgba(120,130,150,0.18)",
};
