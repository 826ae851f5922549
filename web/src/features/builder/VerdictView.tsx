import CancelOutlined from "@mui/icons-material/CancelOutlined";
import CheckCircleOutlined from "@mui/icons-material/CheckCircleOutlined";
import ErrorOutlined from "@mui/icons-material/ErrorOutlined";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import type { Schemas } from "../../api/types";
import { compact, plural } from "../../shared/lib/format";
import { words } from "../../shared/lib/status";
import { ClassChip } from "../../shared/plan/PlanTree";
import { builderTexts as t } from "../../shared/texts/builder";
import { Facts } from "../../shared/ui/Facts";

interface VerdictViewProps {
  validation: Schemas["Validation"];
  onGoTo: (line: number, column: number) => void;
}

/** What the statement would be: one sentence, then clause by clause with reasons. */
export function VerdictView({ validation, onGoTo }: VerdictViewProps): React.ReactElement {
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Headline validation={validation} />
      {validation.problems.map((problem) => (
        <Alert key={problem.title} severity="error" variant="outlined">
          <Box sx={{ fontWeight: 580 }}>{problem.title}</Box>
          {problem.detail ? <div>{problem.detail}</div> : null}
          {problem.hint ? <div>{problem.hint}</div> : null}
          {problem.span ? (
            <GoTo line={problem.span.line} column={problem.span.column} onGoTo={onGoTo} />
          ) : null}
        </Alert>
      ))}
      <Reasons reasons={validation.reasons ?? []} />
      <Clauses clauses={validation.clauses ?? []} onGoTo={onGoTo} />
      {validation.notices?.length ? (
        <Alert severity="warning" variant="outlined">
          {validation.notices.map((notice) => (
            <div key={notice}>{notice}</div>
          ))}
        </Alert>
      ) : null}
      <Facts items={facts(validation)} />
    </Box>
  );
}

function Headline({ validation }: { validation: Schemas["Validation"] }): React.ReactElement {
  const [icon, text, color] = !validation.valid
    ? [<ErrorOutlined key="i" />, t.invalid, "states.failing"]
    : validation.mode === "INCREMENTAL"
      ? [<CheckCircleOutlined key="i" />, t.incremental, "states.fresh"]
      : [<CancelOutlined key="i" />, t.full, "states.pending"];
  return (
    <Box role="status" sx={{ display: "flex", gap: 1, alignItems: "center", color }}>
      {icon}
      <Typography sx={{ fontWeight: 620, color: "text.primary" }}>{text}</Typography>
    </Box>
  );
}

function GoTo({
  line,
  column,
  onGoTo,
}: {
  line: number;
  column: number;
  onGoTo: VerdictViewProps["onGoTo"];
}): React.ReactElement {
  return (
    <Link component="button" type="button" variant="caption" onClick={() => onGoTo(line, column)}>
      {t.line(line)}
    </Link>
  );
}

function Reasons({ reasons }: { reasons: readonly Schemas["PlanReason"][] }): React.ReactElement | null {
  if (reasons.length === 0) return null;
  return (
    <Box>
      <Typography variant="h3" gutterBottom>
        {t.reasons}
      </Typography>
      {reasons.map((reason) => (
        <Box key={`${reason.reason}${reason.detail}`} sx={{ mb: 1 }}>
          <Typography variant="body2">
            <Box component="span" sx={{ fontWeight: 580 }}>
              {words(reason.reason)}:
            </Box>{" "}
            {reason.detail}
          </Typography>
          {reason.hint ? (
            <Typography variant="body2" color="textSecondary">
              {reason.hint}
            </Typography>
          ) : null}
          {reason.place ? <code>{reason.place.text}</code> : null}
        </Box>
      ))}
    </Box>
  );
}

interface ClausesProps {
  clauses: readonly Schemas["Clause"][];
  onGoTo: VerdictViewProps["onGoTo"];
}

function Clauses({ clauses, onGoTo }: ClausesProps): React.ReactElement | null {
  if (clauses.length === 0) return null;
  return (
    <Box>
      <Typography variant="h3" gutterBottom>
        {t.clauses}
      </Typography>
      <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
        {clauses.map((clause, index) => (
          <Box component="li" key={index} sx={CLAUSE}>
            {clause.verdict === "incremental" ? (
              <CheckCircleOutlined
                aria-label="incremental"
                sx={{ fontSize: 17, color: "states.fresh", mt: 0.2 }}
              />
            ) : (
              <CancelOutlined aria-label="full" sx={{ fontSize: 17, color: "states.pending", mt: 0.2 }} />
            )}
            <Box sx={{ flex: 1, minWidth: 0 }}>
              <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap", alignItems: "center" }}>
                <Typography variant="body2" sx={{ fontWeight: 560, overflowWrap: "anywhere" }}>
                  {clause.label}
                </Typography>
                {clause.operator_class ? <ClassChip name={clause.operator_class} meaning="" /> : null}
                {clause.line != null ? (
                  <GoTo line={clause.line} column={clause.column ?? 1} onGoTo={onGoTo} />
                ) : null}
              </Box>
              <Typography variant="caption" color="textSecondary" component="div">
                {clause.explanation}
              </Typography>
            </Box>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function facts(validation: Schemas["Validation"]): [string, React.ReactNode][] {
  const reads = (validation.dependencies ?? []).map(
    ({ schema_name, name, rows }) =>
      `${schema_name}.${name}${rows === null ? "" : ` (${compact(rows)} rows)`}`,
  );
  const columns = (validation.columns ?? []).map(({ name, type }) => `${name} ${type}`);
  const all: [string, string[]][] = [
    [t.dependencies, reads],
    [plural(columns.length, "column"), columns],
  ];
  return all
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [title, <Lines key={title} lines={lines} />]);
}

function Lines({ lines }: { lines: readonly string[] }): React.ReactElement {
  return (
    <>
      {lines.map((line) => (
        <div key={line}>
          <code>{line}</code>
        </div>
      ))}
    </>
  );
}

const CLAUSE = { display: "flex", gap: 1, py: 0.75, borderTop: 1, borderColor: "divider" } as const;
