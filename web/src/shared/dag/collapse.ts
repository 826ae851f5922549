import type { Graph, GraphEdge, GraphNode } from "../../api/types";
import { STATUS_ORDER } from "../lib/status";
import { dagTexts as t } from "../texts/dag";
import { pipelines } from "./pipelines";

export type Grouping = "none" | "schema" | "pipeline";

const PREFIX = "group:";
const MANY = 150;

/** Whether a node stands for a group. */
export function isGroup(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** How a graph of so many nodes is shown if nobody said it. */
export function defaultGrouping(graph: Graph): Grouping {
  return graph.nodes.length > MANY ? "pipeline" : "none";
}

/**
 * Draw the members of each group as one node, but of those that are open.
 *
 * A group looks like its worst member. What would stand alone in its group stays as it is.
 */
export function collapse(graph: Graph, by: Grouping, open: ReadonlySet<string>): Graph {
  if (by === "none") return graph;
  const group = by === "schema" ? schemaOf : pipelineOf(graph);
  const members = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    const id = group(node);
    if (id !== null && !open.has(id)) members.set(id, [...(members.get(id) ?? []), node]);
  }
  const standsFor = new Map<string, string>();
  for (const [id, nodes] of members) {
    if (nodes.length > 1) nodes.forEach((node) => standsFor.set(node.id, id));
  }
  const groups = [...members]
    .filter(([, nodes]) => nodes.length > 1)
    .map(([id, nodes]) => drawn(id, nodes, by));
  return {
    ...graph,
    nodes: [...graph.nodes.filter(({ id }) => !standsFor.has(id)), ...groups],
    edges: merged(graph.edges, standsFor),
  };
}

/** The shown nodes in which some nodes of the whole graph are to be found. */
export function shownAs(graph: Graph, by: Grouping, shown: Graph, ids: ReadonlySet<string>): Set<string> {
  const group = by === "schema" ? schemaOf : pipelineOf(graph);
  const there = new Set(shown.nodes.map(({ id }) => id));
  const found = new Set<string>();
  for (const node of graph.nodes) {
    if (!ids.has(node.id)) continue;
    const id = there.has(node.id) ? node.id : group(node);
    if (id !== null && there.has(id)) found.add(id);
  }
  return found;
}

function schemaOf(node: GraphNode): string {
  return `${PREFIX}${node.schema_name}`;
}

/** A source belongs to a pipeline if nobody else reads it. */
function pipelineOf(graph: Graph): (node: GraphNode) => string | null {
  const placed = pipelines(graph);
  const ofTable = new Map(
    graph.nodes.flatMap(({ id, table_id }) => {
      const place = table_id == null ? undefined : placed.get(table_id);
      return place === undefined ? [] : [[id, place.pipeline] as const];
    }),
  );
  const readers = new Map<string, Set<number>>();
  for (const { source, target } of graph.edges) {
    const pipeline = ofTable.get(target);
    if (pipeline !== undefined) readers.set(source, new Set([...(readers.get(source) ?? []), pipeline]));
  }
  return ({ id }) => {
    const own = ofTable.get(id);
    const [only, ...others] = own === undefined ? [...(readers.get(id) ?? [])] : [own];
    return only === undefined || others.length > 0 ? null : `${PREFIX}${only}`;
  };
}

function drawn(id: string, nodes: readonly GraphNode[], by: Grouping): GraphNode {
  const rank = ({ status }: GraphNode): number =>
    status ? STATUS_ORDER.indexOf(status) : STATUS_ORDER.length;
  const worst = nodes.reduce((a, b) => (rank(b) < rank(a) ? b : a));
  const last = nodes.reduce((a, b) => (b.level > a.level ? b : a));
  const schemas = new Set(nodes.map(({ schema_name }) => schema_name));
  const total = nodes.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return {
    ...worst,
    kind: nodes.some(({ kind }) => kind === "DYNAMIC_TABLE") ? "DYNAMIC_TABLE" : worst.kind,
    id,
    table_id: null,
    bytes: total,
    running: nodes.some(({ running }) => running),
    level: Math.min(...nodes.map(({ level }) => level)),
    name: by === "schema" ? t.schemaGroup(nodes.length) : t.pipelineGroup(last.name, nodes.length),
    schema_name: [...schemas].join(", "),
  };
}

function merged(edges: readonly GraphEdge[], standsFor: ReadonlyMap<string, string>): GraphEdge[] {
  const found = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const source = standsFor.get(edge.source) ?? edge.source;
    const target = standsFor.get(edge.target) ?? edge.target;
    if (source !== target) found.set(`${source}>${target}`, { ...edge, source, target });
  }
  return [...found.values()];
}
