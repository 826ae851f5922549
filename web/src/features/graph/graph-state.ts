import type { Direction } from "../../shared/dag/walk";

export const NO_STATE = { lens: "state", node: "", focus: "", select: "", view: "graph", at: "" };

export type GraphState = typeof NO_STATE;

/** Whether a text names a direction. */
export function isDirection(text: string): text is Direction {
  return text === "up" || text === "down" || text === "both";
}
