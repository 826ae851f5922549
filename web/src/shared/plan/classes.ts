const COLORS: Record<string, string> = {
  source: "states.source",
  linear: "states.fresh",
  bilinear: "states.fresh",
  merged: "states.running",
  "touched keys": "states.pending",
  diff: "states.late",
};

/** The colour of an operator's class: the further from green, the more a change costs. */
export function classColor(name: string): string {
  return COLORS[name] ?? "states.suspended";
}
