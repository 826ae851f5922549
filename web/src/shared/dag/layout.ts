import dagre from "@dagrejs/dagre";
import type { Graph } from "../../api/types";

export const NODE_WIDTH = 236;
export const NODE_HEIGHT = 62;

export interface Place {
  x: number;
  y: number;
}

/** Where each node stands (its upper left corner), from left to right. */
export function layout(graph: Graph): Map<string, Place> {
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
  return places;
}

/** dagre says nothing of the type of its nodes. */
function placeOf(node: unknown): Place {
  const known = typeof node === "object" && node !== null && "x" in node && "y" in node;
  return known ? { x: Number(node.x), y: Number(node.y) } : { x: 0, y: 0 };
}
