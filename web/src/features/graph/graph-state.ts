import type { Grouping } from "../../shared/dag/collapse";
import type { Direction } from "../../shared/dag/walk";

export const NO_STATE = {
  lens: "state",
  node: "",
  focus: "",
  select: "",
  view: "graph",
  at: "",
  group: "",
  open: "",
};

export type GraphState = typeof NO_STATE;

/** Whether a text names a direction. */
export function isDirection(text: string): text is Direction {
  return text === "up" || text === "down" || text === "both";
}

/** Whether a text names a way to group. */
export function isGrouping(text: string): text is Grouping {
  return text === "none" || text === "schema" || text === "pipeline";
}
