import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { Schemas } from "../../api/types";
import { compact, milliseconds } from "../../shared/lib/format";
import { CODE } from "../../shared/lib/fonts";
import { consoleTexts as t } from "../../shared/texts/console";
import { readStep, type PlanStep } from "./query-plan";

/** PostgreSQL's plan as a tree; the bar is a node's own share of the time, or else of the cost. */
export function QueryPlanTree({ plan }: { plan: Schemas["QueryPlan"] }): React.ReactElement {
  const root = readStep(plan.plan["Plan"] ?? plan.plan);
  const most = Math.max(...weights(root), 1e-9);
  return (
    <Box sx={{ p: 2, overflowX: "auto" }}>
      <Typography variant="caption" color="textSecondary" component="div" sx={{ mb: 1 }}>
        {plan.planning_ms === null ? "" : `${t.planning} ${milliseconds(plan.planning_ms)}`}
        {plan.execution_ms === null ? "" : ` · ${t.execution} ${milliseconds(plan.execution_ms)}`}
      </Typography>
      <Box role="tree" aria-label={t.planTree} sx={{ minWidth: 560 }}>
        <Step step={root} most={most} level={1} />
      </Box>
    </Box>
  );
}

function weight(step: PlanStep): number {
  if (step.ownTime !== null) return step.ownTime;
  return Math.max(0, (step.cost ?? 0) - step.children.reduce((sum, child) => sum + (child.cost ?? 0), 0));
}

function weights(step: PlanStep): number[] {
  return [weight(step), ...step.children.flatMap(weights)];
}

function Step({ step, most, level }: { step: PlanStep; most: number; level: number }): React.ReactElement {
  const share = (weight(step) / most) * 100;
  return (
    <Box
      role="treeitem"
      aria-level={level}
      aria-expanded
      sx={level > 1 ? { ml: 1.25, pl: 1.5, borderLeft: 1, borderColor: "divider" } : {}}
    >
      <Box sx={{ display: "flex", gap: 1.5, alignItems: "center", py: 0.4, fontSize: "0.8125rem" }}>
        <Box sx={{ flex: 1, ...CODE, fontWeight: 560 }}>{step.label}</Box>
        <Box sx={FIGURES}>
          <span>
            {compact(step.realRows ?? step.plannedRows)} {step.realRows === null ? t.rowsPlanned : t.rowsReal}
          </span>
          <Box component="span" sx={{ width: 90, textAlign: "right" }}>
            {step.ownTime === null ? `${t.cost} ${compact(step.cost)}` : milliseconds(step.ownTime)}
          </Box>
          <Box
            aria-hidden
            sx={{ width: 80, height: 6, borderRadius: 3, bgcolor: "divider", overflow: "hidden" }}
          >
            <Box
              sx={{
                width: `${share}%`,
                height: "100%",
                bgcolor: share > 60 ? "states.late" : "primary.main",
              }}
            />
          </Box>
        </Box>
      </Box>
      {step.detail.length > 0 ? (
        <Box sx={{ fontSize: "0.75rem", color: "text.secondary", ...CODE, overflowWrap: "anywhere" }}>
          {step.detail.map((line) => (
            <div key={line}>{line}</div>
          ))}
        </Box>
      ) : null}
      <Box role="group">
        {step.children.map((child, index) => (
          <Step key={index} step={child} most={most} level={level + 1} />
        ))}
      </Box>
    </Box>
  );
}

const FIGURES = {
  display: "flex",
  gap: 1.5,
  alignItems: "center",
  color: "text.secondary",
  fontVariantNumeric: "tabular-nums",
  fontSize: "0.75rem",
  whiteSpace: "nowrap",
} as const;
