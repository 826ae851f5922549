import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import type { Schemas } from "../../api/types";
import { compact, count, duration, milliseconds, plural } from "../../shared/lib/format";
import { builderTexts as t } from "../../shared/texts/builder";
import { ResultGrid } from "../../shared/ui/ResultGrid";

interface TestRunProps {
  explanation: Schemas["DraftExplanation"];
  changedRows: number;
  onChangedRows: (rows: number) => void;
}

/** The first rows of the result, and what a refresh would cost both ways. */
export function TestRun({ explanation, changedRows, onChangedRows }: TestRunProps): React.ReactElement {
  const { sample, sample_problem, estimate } = explanation;
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      {estimate ? (
        <EstimateView estimate={estimate} changedRows={changedRows} onChangedRows={onChangedRows} />
      ) : null}
      {sample_problem ? (
        <Alert severity="error" variant="outlined">
          <Box sx={{ fontWeight: 580 }}>{sample_problem.title}</Box>
          {sample_problem.hint ?? sample_problem.detail}
        </Alert>
      ) : null}
      {sample ? (
        <Box>
          <Box sx={{ display: "flex", alignItems: "baseline", gap: 1, mb: 0.5 }}>
            <Typography variant="h3">{t.sample}</Typography>
            <Typography variant="caption" color="textSecondary">
              {plural(sample.rows.length, "row")}
              {sample.truncated ? " of more" : ""}, {milliseconds(sample.milliseconds)}
            </Typography>
          </Box>
          <Card>
            <ResultGrid label={t.sample} columns={sample.columns} rows={sample.rows} auto />
          </Card>
        </Box>
      ) : null}
    </Box>
  );
}

interface EstimateViewProps {
  estimate: Schemas["Estimate"];
  changedRows: number;
  onChangedRows: (rows: number) => void;
}

function EstimateView({ estimate, changedRows, onChangedRows }: EstimateViewProps): React.ReactElement {
  const { full, incremental } = estimate;
  const most = Math.max(weight(full), incremental ? weight(incremental) : 0, 1e-9);
  return (
    <Box>
      <Box sx={{ display: "flex", gap: 2, alignItems: "center", mb: 1.5, flexWrap: "wrap" }}>
        <Typography variant="h3" sx={{ flex: 1 }}>
          {t.estimate}
        </Typography>
        <ChangedRows value={changedRows} onChange={onChangedRows} />
      </Box>
      <Box sx={{ display: "grid", gap: 1 }}>
        {incremental ? (
          <CostBar
            label={t.incrementalCost}
            cost={incremental}
            share={weight(incremental) / most}
            color="states.running"
          />
        ) : null}
        <CostBar label={t.fullCost} cost={full} share={weight(full) / most} color="states.pending" />
      </Box>
      <Typography variant="body2" sx={{ mt: 1.25, fontWeight: 520 }}>
        {estimate.advice}
      </Typography>
      {estimate.shortest_sensible_lag_seconds === null ? null : (
        <Typography variant="caption" color="textSecondary">
          {t.shortest(duration(estimate.shortest_sensible_lag_seconds))}
        </Typography>
      )}
    </Box>
  );
}

function weight({ seconds, planner_cost, rows }: Schemas["Cost"]): number {
  return seconds ?? planner_cost ?? rows ?? 0;
}

function ChangedRows({
  value,
  onChange,
}: {
  value: number;
  onChange: (rows: number) => void;
}): React.ReactElement {
  const [text, setText] = useState(String(value));
  return (
    <TextField
      label={t.changedRows}
      type="number"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        const rows = Number(text);
        if (rows >= 1 && rows !== value) onChange(Math.min(rows, 10_000_000));
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && Number(text) >= 1) onChange(Math.min(Number(text), 10_000_000));
      }}
      sx={{ width: 140 }}
      slotProps={{ htmlInput: { min: 1, max: 10_000_000 } }}
    />
  );
}

interface CostBarProps {
  label: string;
  cost: Schemas["Cost"];
  share: number;
  color: string;
}

function CostBar({ label, cost, share, color }: CostBarProps): React.ReactElement {
  return (
    <Box>
      <Box sx={{ display: "flex", gap: 1.5, fontSize: "0.8125rem", alignItems: "center" }}>
        <Box sx={{ width: 88, flex: "none" }}>{label}</Box>
        <Box sx={{ flex: 1, height: 10, borderRadius: 1, bgcolor: "divider", overflow: "hidden" }}>
          <Box sx={{ width: `${Math.max(1, share * 100)}%`, height: "100%", bgcolor: color }} />
        </Box>
        <Box sx={{ width: 150, textAlign: "right", fontVariantNumeric: "tabular-nums" }}>
          {cost.seconds === null
            ? cost.planner_cost === null
              ? "–"
              : `cost ${compact(cost.planner_cost)}`
            : milliseconds(cost.seconds * 1000)}
          {cost.rows === null ? "" : ` · ${count(cost.rows)} rows`}
        </Box>
      </Box>
      <Typography variant="caption" color="textSecondary" sx={{ ml: "100px", display: "block" }}>
        {cost.explanation}
      </Typography>
    </Box>
  );
}
