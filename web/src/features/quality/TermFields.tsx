import Box from "@mui/material/Box";
import TextField from "@mui/material/TextField";
import type { QualityKind } from "../../api/queries/quality";
import { ruleTexts as t, severityChoices, violationChoices } from "../../shared/texts/quality";
import { Select } from "../../shared/ui/Select";
import { usualName, type RuleFormState } from "./rule-form";

interface TermFieldsProps {
  form: RuleFormState;
  kind: QualityKind | undefined;
  onChange: (part: Partial<RuleFormState>) => void;
}

/** How bad it is if the rule fails, when it does, and what happens then. */
export function TermFields({ form, kind, onChange }: TermFieldsProps): React.ReactElement {
  return (
    <>
      <TextField
        label={t.filter}
        value={form.where}
        helperText={t.filterHelp}
        onChange={(event) => onChange({ where: event.target.value })}
      />
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr) minmax(0, 1fr)" }}>
        <Select
          label={t.severity}
          value={form.severity}
          options={severityChoices}
          onChange={(value) => onChange({ severity: chosen(severityChoices, value, form.severity) })}
        />
        <Select
          label={t.onViolation}
          value={form.onViolation}
          options={violationChoices}
          onChange={(value) => onChange({ onViolation: chosen(violationChoices, value, form.onViolation) })}
        />
        <TextField
          label={t.tolerance}
          type="number"
          value={form.tolerance}
          helperText={t.toleranceHelp}
          onChange={(event) => onChange({ tolerance: event.target.value })}
          slotProps={{ htmlInput: { min: 0, step: "any" } }}
        />
        <Select
          label={t.unit}
          value={form.percent ? "percent" : "rows"}
          options={[
            ["rows", t.rows],
            ["percent", t.percent],
          ]}
          onChange={(unit) => onChange({ percent: unit === "percent" })}
        />
      </Box>
      <TextField
        label={t.name}
        value={form.name}
        placeholder={kind ? usualName(kind, form.values) : ""}
        onChange={(event) => onChange({ name: event.target.value })}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { maxLength: 63 } }}
      />
      <TextField
        label={t.comment}
        value={form.comment}
        onChange={(event) => onChange({ comment: event.target.value })}
      />
    </>
  );
}

/** The choice of that value; what is not among them changes nothing. */
function chosen<T extends string>(
  choices: readonly (readonly [value: T, label: string])[],
  value: string,
  before: T,
): T {
  return choices.find(([each]) => each === value)?.[0] ?? before;
}
