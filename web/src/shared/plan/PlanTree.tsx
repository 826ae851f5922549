import ChevronRight from "@mui/icons-material/ChevronRight";
import WarningAmber from "@mui/icons-material/WarningAmber";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";
import type { Plan, PlanNode, Schemas } from "../../api/types";
import { bytes, count, milliseconds } from "../lib/format";
import { CODE } from "../lib/fonts";
import { cssColor } from "../lib/status";
import { planTexts } from "../texts/plan";
import { classColor } from "./classes";

type Stage = Schemas["MeasuredStage"];

interface TreeContext {
  stages: ReadonlyMap<number, Stage>;
  changes: Readonly<Record<string, number>>;
  slowest: number;
  classes: Readonly<Record<string, string>>;
}

/** The operator tree of a refresh: class, state, rows and milliseconds of the last one. */
export function PlanTree({ plan }: { plan: Plan }): React.ReactElement | null {
  if (plan.tree === null) return null;
  const stages = new Map(plan.measured?.stages.map((stage) => [stage.stage, stage]));
  const context: TreeContext = {
    stages,
    changes: plan.measured?.source_changes ?? {},
    slowest: Math.max(0.001, ...[...stages.values()].map((stage) => stage.milliseconds)),
    classes: plan.classes,
  };
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Box role="tree" aria-label={planTexts.tree} sx={{ minWidth: 560 }}>
        <Operator node={plan.tree} context={context} level={1} />
      </Box>
    </Box>
  );
}

function Operator({
  node,
  context,
  level,
}: {
  node: PlanNode;
  context: TreeContext;
  level: number;
}): React.ReactElement {
  const [open, setOpen] = useState(level === 1);
  const stage = node.state ? context.stages.get(node.state.stage) : undefined;
  const missing = node.lookups.some((lookup) => lookup.missing);
  return (
    <Box
      role="treeitem"
      aria-expanded={open}
      aria-level={level}

      sx={level > 1 ? CHILD : {}}
    >
      <Box sx={ROW}>
        <IconButton
          onClick={() => setOpen(!open)}
          aria-label={`${open ? planTexts.hide : planTexts.show} ${node.label}`}
          sx={{ p: 0.25 }}
        >
          <ChevronRight sx={{ fontSize: 16, transform: open ? "rotate(90deg)" : "none" }} />
        </IconButton>
        <Box sx={{ flex: 1, minWidth: 0, ...CODE, overflowWrap: "anywhere" }}>{node.label}</Box>
        {missing ? (
          <Tooltip title={planTexts.missingIndex}>
            <WarningAmber aria-label={planTexts.missingIndex} sx={{ fontSize: 16, color: "states.late" }} />
          </Tooltip>
        ) : null}
        <ClassChip name={node.operator_class} meaning={context.classes[node.operator_class] ?? ""} />
        <Cost node={node} stage={stage} context={context} />
      </Box>
      {open ? <Details node={node} stage={stage} /> : null}
      <Box role="group">
        {node.children.map((child) => (
          <Operator key={child.id} node={child} context={context} level={level + 1} />
        ))}
      </Box>
    </Box>
  );
}

/** How a change goes through an operator, as one coloured word. */
export function ClassChip({ name, meaning }: { name: string; meaning: string }): React.ReactElement {
  const color = cssColor(classColor(name));
  return (
    <Tooltip title={meaning}>
      <Box
        component="span"
        tabIndex={meaning ? 0 : -1}
        sx={{ ...CHIP, color, borderColor: `color-mix(in srgb, ${color} 40%, transparent)` }}
      >
        {name}
      </Box>
    </Tooltip>
  );
}

interface CostProps {
  node: PlanNode;
  stage: Stage | undefined;
  context: TreeContext;
}

function Cost({ node, stage, context }: CostProps): React.ReactElement {
  const changed = changesOf(node, context.changes);
  const share = stage ? (stage.milliseconds / context.slowest) * 100 : 0;
  return (
    <Box sx={COST}>
      <span>
        {stage
          ? planTexts.rows(count(stage.rows))
          : changed === null
            ? ""
            : planTexts.changed(count(changed))}
      </span>
      <Box component="span" sx={{ width: 64, textAlign: "right" }}>
        {stage ? milliseconds(stage.milliseconds) : ""}
      </Box>
      <Box
        aria-hidden
        sx={{ width: 48, height: 5, borderRadius: 2, bgcolor: stage ? "divider" : "transparent" }}
      >
        <Box sx={{ width: `${share}%`, height: "100%", borderRadius: 2, bgcolor: "primary.main" }} />
      </Box>
    </Box>
  );
}

function changesOf(node: PlanNode, changes: Readonly<Record<string, number>>): number | null {
  if (node.operator_class !== "source") return null;
  const name = Object.keys(changes).find((key) => node.label.includes(key));
  return name === undefined ? null : (changes[name] ?? null);
}

function Details({ node, stage }: { node: PlanNode; stage: Stage | undefined }): React.ReactElement {
  return (
    <Box component="ul" sx={DETAILS}>
      <li>{node.law}</li>
      {node.detail.map((line) => (
        <li key={line}>{line}</li>
      ))}
      {node.columns.length > 0 ? <li>{planTexts.columns(node.columns.join(", "))}</li> : null}
      {node.state ? (
        <li>
          {planTexts.state(node.state.stage, node.state.keeps)}
          {node.state.rows === null
            ? ""
            : ` · ${planTexts.rows(count(node.state.rows))} · ${bytes(node.state.bytes)}`}
          {node.state.index ? ` · ${planTexts.index(node.state.index)}` : ""}
        </li>
      ) : null}
      {node.lookups.map((lookup) => (
        <Box
          component="li"
          key={`${lookup.table}${lookup.columns.join()}`}
          sx={lookup.missing ? { color: "states.late" } : {}}
        >
          {planTexts.lookup(lookup.table, lookup.columns.join(", "), lookup.index)} {lookup.when}
          {lookup.statement ? (
            <Box component="pre" sx={{ m: 0, whiteSpace: "pre-wrap" }}>
              {lookup.statement}
            </Box>
          ) : null}
        </Box>
      ))}
      {stage?.statements.map((statement, index) => (
        <li key={index}>
          {statement.label || statement.purpose}: {planTexts.rows(count(statement.rows))},{" "}
          {milliseconds(statement.milliseconds)}
        </li>
      ))}
    </Box>
  );
}

const ROW = { display: "flex", alignItems: "center", gap: 1, py: 0.4, fontSize: "0.8125rem" } as const;
const CHILD = { ml: 1.4, pl: 1.4, borderLeft: 1, borderColor: "divider" } as const;
const COST = {
  display: "flex",
  alignItems: "center",
  gap: 1,
  color: "text.secondary",
  fontVariantNumeric: "tabular-nums",
  fontSize: "0.75rem",
  whiteSpace: "nowrap",
} as const;
const CHIP = {
  border: 1,
  borderRadius: "5px",
  px: 0.75,
  fontSize: "0.6875rem",
  lineHeight: "18px",
  fontWeight: 560,
  whiteSpace: "nowrap",
} as const;
const DETAILS = {
  m: 0,
  mb: 0.75,
  ml: 3.5,
  pl: 1.5,
  color: "text.secondary",
  fontSize: "0.75rem",
  lineHeight: 1.6,
  overflowWrap: "anywhere",
} as const;
