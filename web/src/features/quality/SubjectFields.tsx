import Autocomplete from "@mui/material/Autocomplete";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { QualityKind } from "../../api/queries/quality";
import type { Schemas } from "../../api/types";
import { ruleTexts as t } from "../../shared/texts/quality";
import type { RuleFormState } from "./rule-form";

interface SubjectFieldsProps {
  kinds: readonly QualityKind[];
  form: RuleFormState;
  completions: Schemas["Completions"] | undefined;
  /** The rule is there: it stays on its table. */
  fixed: boolean;
  onChange: (part: Partial<RuleFormState>) => void;
}

/** Which table, and what has to be so of it. */
export function SubjectFields({
  kinds,
  form,
  completions,
  fixed,
  onChange,
}: SubjectFieldsProps): React.ReactElement {
  const tables = completions?.schemas.flatMap((schema) =>
    schema.tables.map((table) => `${schema.name}.${table.name}`),
  );
  const kind = kinds.find(({ name }) => name === form.kind);
  return (
    <>
      <Autocomplete
        freeSolo
        options={tables ?? []}
        value={form.table}
        disabled={fixed}
        onInputChange={(_, table) => onChange({ table })}
        renderInput={(params) => <TextField {...params} label={t.table} helperText={t.tableHint} />}
      />
      <TextField
        select
        label={t.kind}
        value={form.kind}
        helperText={kind?.says}
        onChange={(event) => onChange({ kind: event.target.value })}
      >
        {[...kinds]
          .sort((a, b) => a.name.localeCompare(b.name))
          .map(({ name }) => (
            <MenuItem key={name} value={name}>
              {name}
            </MenuItem>
          ))}
      </TextField>
    </>
  );
}
