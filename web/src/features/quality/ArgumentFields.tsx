import Autocomplete from "@mui/material/Autocomplete";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { QualityKind } from "../../api/queries/quality";
import type { Schemas } from "../../api/types";
import { words } from "../../shared/lib/status";
import { ruleTexts as t } from "../../shared/texts/quality";

type Parameter = QualityKind["parameters"][number];

interface ArgumentFieldsProps {
  kind: QualityKind;
  values: Record<string, string>;
  columns: readonly Schemas["TableColumn"][];
  onChange: (values: Record<string, string>) => void;
}

/** A field for each argument of a kind. */
export function ArgumentFields({ kind, values, columns, onChange }: ArgumentFieldsProps): React.ReactElement {
  return (
    <>
      {kind.parameters.map((parameter) => (
        <ArgumentField
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name] ?? ""}
          columns={columns}
          onChange={(value) => onChange({ ...values, [parameter.name]: value })}
        />
      ))}
    </>
  );
}

interface ArgumentFieldProps {
  parameter: Parameter;
  value: string;
  columns: readonly Schemas["TableColumn"][];
  onChange: (value: string) => void;
}

function ArgumentField({ parameter, value, columns, onChange }: ArgumentFieldProps): React.ReactElement {
  const { name, sort, many, words: choices } = parameter;
  const column = sort === "a column of the table";
  const label = many && column ? t.columns : (t.argument[name] ?? words(name));
  if (choices.length > 0) {
    return (
      <TextField select label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        {choices.map((choice) => (
          <MenuItem key={choice} value={choice}>
            {choice}
          </MenuItem>
        ))}
      </TextField>
    );
  }
  if (column && !many) {
    return (
      <Autocomplete
        freeSolo
        options={columns.map((each) => each.name)}
        value={value}
        onInputChange={(_, text) => onChange(text)}
        renderInput={(params) => <TextField {...params} label={label} />}
      />
    );
  }
  const long = sort === "a query in quotes" || sort.startsWith("a predicate");
  return (
    <TextField
      label={label}
      value={value}
      multiline={long}
      minRows={long ? 2 : 1}
      helperText={column ? columns.map((each) => each.name).join(", ") : t.help[name]}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
