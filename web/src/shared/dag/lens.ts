import type { GraphNode } from "../../api/types";
import { bytes, duration, percent } from "../lib/format";
import { QUALITY_LOOKS, qualityLook, scoreText } from "../lib/quality";
import { actionColor, HEALTH_LOOKS, STATUS_LOOKS, words } from "../lib/status";

/** One way to colour the same graph. */
export interface Lens {
  label: string;
  color: (node: GraphNode) => string;
  /** The fact behind the colour, in words. */
  fact: (node: GraphNode) => string;
  legend: readonly [label: string, color: string][];
}

const SOURCE = "states.source";

export function lagRatio({ lag_seconds, effective_target_lag_seconds }: GraphNode): number | null {
  if (lag_seconds == null || !effective_target_lag_seconds) return null;
  return lag_seconds / effective_target_lag_seconds;
}

function ratioColor(ratio: number): string {
  if (ratio > 1) return "states.failing";
  return ratio > 0.85 ? "states.late" : "states.fresh";
}

function size(node: GraphNode): number {
  return node.bytes ?? 0;
}

function sizeColor(node: GraphNode): string {
  if (size(node) >= 1 << 30) return "states.failing";
  if (size(node) >= 64 << 20) return "states.late";
  return size(node) >= 1 << 20 ? "states.running" : "states.fresh";
}

export type LensName = "state" | "health" | "quality" | "mode" | "lag" | "size";

export const LENSES: Record<LensName, Lens> = {
  state: {
    label: "State",
    color: ({ status }) => (status ? STATUS_LOOKS[status].color : SOURCE),
    fact: ({ status, kind }) => (status ? STATUS_LOOKS[status].label : words(kind)),
    legend: [
      ...Object.values(STATUS_LOOKS).map(({ label, color }): [string, string] => [label, color]),
      ["Source", SOURCE],
    ],
  },
  health: {
    label: "Health",
    color: ({ health }) => (health ? HEALTH_LOOKS[health].color : SOURCE),
    fact: ({ health, kind }) => (health ? HEALTH_LOOKS[health].label : words(kind)),
    legend: [
      ...Object.values(HEALTH_LOOKS).map(({ label, color }): [string, string] => [label, color]),
      ["Source", SOURCE],
    ],
  },
  quality: {
    label: "Quality",
    color: ({ quality }) => (quality ? qualityLook(quality.health).color : SOURCE),
    fact: ({ quality }) =>
      quality ? `${qualityLook(quality.health).label}, ${scoreText(quality.score)}` : "No rules",
    legend: [
      ...Object.values(QUALITY_LOOKS).map(({ label, color }): [string, string] => [label, color]),
      ["No rules", SOURCE],
    ],
  },
  mode: {
    label: "Mode",
    color: ({ mode }) => (mode ? actionColor(mode) : SOURCE),
    fact: ({ mode, kind }) => words(mode ?? kind),
    legend: [
      ["Incremental", actionColor("INCREMENTAL")],
      ["Full", actionColor("FULL")],
      ["Source", SOURCE],
    ],
  },
  lag: {
    label: "Lag / target",
    color: (node) => {
      const ratio = lagRatio(node);
      return ratio === null ? SOURCE : ratioColor(ratio);
    },
    fact: (node) => {
      const ratio = lagRatio(node);
      return ratio === null
        ? words(node.kind)
        : `${percent(ratio, 0)} of ${duration(node.effective_target_lag_seconds)}`;
    },
    legend: [
      ["Up to 85% of the target", "states.fresh"],
      ["Nearly at the target", "states.late"],
      ["Over the target", "states.failing"],
      ["No target", SOURCE],
    ],
  },
  size: {
    label: "Size",
    color: sizeColor,
    fact: (node) => bytes(node.bytes ?? null),
    legend: [
      ["Below 1 MB", "states.fresh"],
      ["Below 64 MB", "states.running"],
      ["Below 1 GB", "states.late"],
      ["1 GB and more", "states.failing"],
    ],
  },
};

/** Whether a text names a lens. */
export function isLens(name: string): name is LensName {
  return name in LENSES;
}
