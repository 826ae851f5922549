import type { Graph, GraphNode } from "../../api/types";
import { neighbours, reach, type Neighbours } from "./walk";

const TERM = /^(?:(\d*)(\+))?([^+]+?)(?:(\+)(\d*))?$/;

const FACTS: Record<string, (node: GraphNode) => string | null | undefined> = {
  state: (node) => node.status,
  mode: (node) => node.mode,
  health: (node) => node.health,
  schema: (node) => node.schema_name,
  kind: (node) => node.kind,
  action: (node) => node.last_action,
};

/** The keys of `key:value` terms. */
export const selectorKeys: readonly string[] = Object.keys(FACTS);

/**
 * Find the nodes that a selector names.
 *
 * Terms are joined by spaces: `x` is any node whose name contains x (or matches, with `*`), `+x` also what it reads,
 * `x+` what reads it, `2+x` two steps up; `state:late`, `mode:full` and so on ask for a fact. A term after a comma
 * narrows the one before it.
 */
export function select(graph: Graph, selector: string): Set<string> {
  const near = neighbours(graph);
  const found = new Set<string>();
  for (const group of selector.trim().split(/\s+/).filter(Boolean)) {
    const sets = group
      .split(",")
      .filter(Boolean)
      .map((term) => selectTerm(graph, near, term));
    const [first = new Set<string>(), ...rest] = sets;
    [...first].filter((id) => rest.every((set) => set.has(id))).forEach((id) => found.add(id));
  }
  return found;
}

function selectTerm(graph: Graph, near: Neighbours, term: string): Set<string> {
  const match = TERM.exec(term);
  if (match === null) return new Set();
  const [, upSteps, up, core = "", down, downSteps] = match;
  const found = new Set<string>();
  for (const node of graph.nodes) {
    if (!names(core, node)) continue;
    found.add(node.id);
    if (up) reach(near, node.id, "up", steps(upSteps)).forEach((id) => found.add(id));
    if (down) reach(near, node.id, "down", steps(downSteps)).forEach((id) => found.add(id));
  }
  return found;
}

function steps(text: string | undefined): number {
  return text ? Number(text) : Infinity;
}

function names(core: string, node: GraphNode): boolean {
  const [key = "", value] = core.split(":", 2);
  const fact = FACTS[key];
  if (value !== undefined && fact !== undefined) {
    return (fact(node) ?? "").toLowerCase().startsWith(value.toLowerCase());
  }
  const full = `${node.schema_name}.${node.name}`.toLowerCase();
  const wanted = core.toLowerCase();
  if (wanted === node.name.toLowerCase() || wanted === full) return true;
  if (!wanted.includes("*")) return full.includes(wanted);
  const pattern = new RegExp(`^${wanted.split("*").map(escape).join(".*")}$`);
  return pattern.test(full) || pattern.test(node.name.toLowerCase());
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
