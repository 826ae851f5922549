import type { Graph } from "../../api/types";

export type Direction = "up" | "down" | "both";

export interface Neighbours {
  up: ReadonlyMap<string, readonly string[]>;
  down: ReadonlyMap<string, readonly string[]>;
}

/** Who reads whom, by node. */
export function neighbours(graph: Graph): Neighbours {
  const up = new Map<string, string[]>(graph.nodes.map(({ id }) => [id, []]));
  const down = new Map<string, string[]>(graph.nodes.map(({ id }) => [id, []]));
  for (const { source, target } of graph.edges) {
    up.get(target)?.push(source);
    down.get(source)?.push(target);
  }
  return { up, down };
}

/** All nodes at most `depth` steps away, the start included. */
export function reach(near: Neighbours, start: string, direction: Direction, depth = Infinity): Set<string> {
  if (direction === "both") {
    return new Set([...reach(near, start, "up", depth), ...reach(near, start, "down", depth)]);
  }
  const seen = new Set([start]);
  let edge = [start];
  for (let step = 0; step < depth && edge.length > 0; step++) {
    edge = edge.flatMap((id) => near[direction].get(id) ?? []).filter((id) => !seen.has(id));
    edge.forEach((id) => seen.add(id));
  }
  return seen;
}

/** The part of a graph with these nodes and what is between them. */
export function part(graph: Graph, keep: ReadonlySet<string>): Graph {
  return {
    ...graph,
    nodes: graph.nodes.filter(({ id }) => keep.has(id)),
    edges: graph.edges.filter(({ source, target }) => keep.has(source) && keep.has(target)),
  };
}
