import dagre from "@dagrejs/dagre";
import type { Graph } from "../../api/types";

export const NODE_WIDTH = 236;
export const NODE_HEIGHT = 62;

export interface Place {
  x: number;
  y: number;
}

/** About the shape of a window. */
const ASPECT = 1.7;
const GAP = 48;

/**
 * Where each node stands (its upper left corner), from left to right. What has no edges between it is laid out by
 * itself and put side by side in rows, so that many small pipelines fill a window instead of a column.
 */
export function layout(graph: Graph): Map<string, Place> {
  const parts = components(graph)
    .map(block)
    .sort((a, b) => b.height - a.height);
  const least = Math.max(...parts.map(({ width }) => width));
  const tried = Array.from({ length: 12 }, (_, index) => packed(parts, least * (1 + index)));
  return tried.reduce((best, each) => (reach(each) < reach(best) ? each : best)).places;
}

/** How large a window must be to show all of it. */
function reach({ width, height }: Block): number {
  return Math.max(width / ASPECT, height);
}

/** Blocks in rows of a width at most. */
function packed(parts: readonly Block[], widest: number): Block {
  const places = new Map<string, Place>();
  let [x, y, width, tallest] = [0, 0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > widest) [x, y, tallest] = [0, y + tallest + GAP, 0];
    for (const [id, place] of part.places) places.set(id, { x: place.x + x, y: place.y + y });
    width = Math.max(width, x + part.width);
    x += part.width + GAP;
    tallest = Math.max(tallest, part.height);
  }
  return { places, width, height: y + tallest };
}

/** The pieces of a graph between which there are no edges, in the order of its nodes. */
function components({ nodes, edges, ...rest }: Graph): Graph[] {
  const root = new Map(nodes.map(({ id }) => [id, id]));
  const find = (id: string): string => {
    let at = id;
    for (let up = root.get(at) ?? at; up !== at; up = root.get(at) ?? at) {
      root.set(at, root.get(up) ?? up);
      at = up;
    }
    return at;
  };
  for (const { source, target } of edges) root.set(find(source), find(target));
  const edgesOf = Map.groupBy(edges, ({ source }) => find(source));
  const nodesOf = Map.groupBy(nodes, ({ id }) => find(id));
  return [...nodesOf].map(([id, own]) => ({ ...rest, nodes: own, edges: edgesOf.get(id) ?? [] }));
}

interface Block {
  places: Map<string, Place>;
  width: number;
  height: number;
}

function block(graph: Graph): Block {
  const plan = new dagre.graphlib.Graph();
  // Beyond some hundred nodes the best ranks cost seconds; the longest way looks nearly as good.
  const ranker = graph.nodes.length > 150 ? "longest-path" : "network-simplex";
  plan.setGraph({ rankdir: "LR", nodesep: 22, ranksep: 84, ranker, marginx: 16, marginy: 16 });
  plan.setDefaultEdgeLabel(() => ({}));
  for (const { id } of graph.nodes) plan.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { source, target } of graph.edges) plan.setEdge(source, target);
  dagre.layout(plan);
  const places = new Map<string, Place>();
  for (const { id } of graph.nodes) {
    const place = placeOf(plan.node(id));
    places.set(id, { x: place.x - NODE_WIDTH / 2, y: place.y - NODE_HEIGHT / 2 });
  }
  const all = [...places.values()];
  return {
    places,
    width: Math.max(...all.map(({ x }) => x)) + NODE_WIDTH,
    height: Math.max(...all.map(({ y }) => y)) + NODE_HEIGHT,
  };
}

/** dagre says nothing of the type of its nodes. */
function placeOf(node: unknown): Place {
  const known = typeof node === "object" && node !== null && "x" in node && "y" in node;
  return known ? { x: Number(node.x), y: Number(node.y) } : { x: 0, y: 0 };
}
