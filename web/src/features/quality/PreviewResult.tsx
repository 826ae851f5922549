import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { Schemas } from "../../api/types";
import { count, milliseconds } from "../../shared/lib/format";
import { shareText } from "../../shared/lib/quality";
import { qualityTexts, ruleTexts as t } from "../../shared/texts/quality";
import { ResultGrid } from "../../shared/ui/ResultGrid";

type RulePreview = Schemas["RulePreview"];

/** What a rule would find: how many rows, what that took, and some of them. */
export function PreviewResult({ preview }: { preview: RulePreview }): React.ReactElement {
  const examples = preview.examples ?? [];
  const columns = Object.keys(examples[0] ?? {});
  return (
    <Box sx={{ display: "grid", gap: 1.5, gridTemplateColumns: "minmax(0, 1fr)" }} role="status">
      <Alert variant="outlined" severity={SEVERITIES[preview.state ?? "NOT_EVALUATED"]}>
        <Box sx={{ fontWeight: 600 }}>{verdict(preview)}</Box>
        {preview.error ? <div>{preview.error}</div> : null}
        <div>
          {t.cost(milliseconds(preview.milliseconds))}{" "}
          {preview.evaluation === "INCREMENTAL"
            ? `Then it is counted ${qualityTexts.incremental}.`
            : `It is counted ${qualityTexts.scan(preview.evaluation_reason ?? "–")}.`}
        </div>
      </Alert>
      {examples.length > 0 ? (
        <div>
          <Typography variant="h3">{t.examples}</Typography>
          <ResultGrid
            label={t.examples}
            columns={columns.map((name) => ({ name, type: "" }))}
            rows={examples.map((row) => columns.map((name) => shown(row[name])))}
            auto
          />
        </div>
      ) : null}
    </Box>
  );
}

const SEVERITIES = {
  PASSED: "success",
  FAILED: "warning",
  ERROR: "error",
  NOT_EVALUATED: "info",
} as const;

function verdict({ state, checked = 0, failed = 0, error }: RulePreview): string {
  if (error != null || checked === null || failed === null) return qualityTexts.title;
  if (checked === 0) return t.nothing;
  // One that is about the table as a whole is checked once.
  if (checked === 1 && failed <= 1) return t.wouldWhole(failed === 0);
  if (failed === 0) return t.wouldPass(count(checked));
  return state === "PASSED"
    ? t.wouldTolerate(count(failed), count(checked))
    : t.wouldFail(count(failed), count(checked), shareText(failed, checked));
}

function shown(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
