import type { Schemas } from "../../api/types";
import { STATUS_LOOKS, type Look } from "./status";

export type TableQuality = Schemas["TableQuality"];
export type RuleState = Schemas["RuleState"];

/** How the quality of a table looks: a word, a shape and a colour, so that colour is never alone. */
export const QUALITY_LOOKS: Record<TableQuality, Look> = {
  HEALTHY: { ...STATUS_LOOKS.FRESH, label: "Healthy" },
  WARNING: { ...STATUS_LOOKS.LATE, label: "Warning" },
  ERROR: { ...STATUS_LOOKS.FAILING, label: "Error" },
  UNKNOWN: { ...STATUS_LOOKS.NOT_INITIALIZED, label: "Not checked" },
};

export const RULE_LOOKS: Record<RuleState, Look> = {
  PASSED: { ...STATUS_LOOKS.FRESH, label: "Passed" },
  FAILED: { ...STATUS_LOOKS.FAILING, label: "Failed" },
  ERROR: { label: "Could not be checked", color: "states.late", shape: "triangle" },
  NOT_EVALUATED: { ...STATUS_LOOKS.NOT_INITIALIZED, label: "Not evaluated" },
};

/** The look of the quality of a table; of one that was not checked yet, too. */
export function qualityLook(health: TableQuality | null | undefined): Look {
  return QUALITY_LOOKS[health ?? "UNKNOWN"];
}

/** A score from 0 to 100; never rounded up to a clean sheet. */
export function scoreText(score: number | null | undefined): string {
  if (score === null || score === undefined) return "–";
  return (Math.floor(score * 10 + 1e-9) / 10).toFixed(1).replace(/\.0$/, "");
}

/** The share of rows that fail, with enough digits to tell few from none. */
export function shareText(failed: number, checked: number): string {
  if (checked === 0) return "–";
  const percent = (100 * failed) / checked;
  if (failed > 0 && percent < 0.01) return "< 0.01%";
  return `${percent.toFixed(percent < 10 ? 2 : 1).replace(/\.?0+$/, "") || "0"}%`;
}

export const DIMENSIONS = [
  "completeness",
  "uniqueness",
  "validity",
  "consistency",
  "timeliness",
  "volume",
  "schema",
] as const;

/** From worst to best, for sorting. */
export const RULE_ORDER: readonly RuleState[] = ["FAILED", "ERROR", "NOT_EVALUATED", "PASSED"];
