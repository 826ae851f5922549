import SearchIcon from "@mui/icons-material/Search";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import InputAdornment from "@mui/material/InputAdornment";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import type { DynamicTable } from "../../api/types";
import { STATUS_LOOKS, STATUS_ORDER } from "../../shared/lib/status";
import { plural } from "../../shared/lib/format";
import { common } from "../../shared/texts/common";
import { tablesTexts as t } from "../../shared/texts/table";
import { DroppedButton } from "./DroppedButton";
import { NO_FILTERS, type Filters } from "./filter";

interface FilterBarProps {
  tables: readonly DynamicTable[];
  filters: Filters;
  shown: number;
  onChange: (change: Partial<Record<keyof Filters, string | null>>) => void;
}

/** What narrows the list; all of it is in the address. */
export function FilterBar({ tables, filters, shown, onChange }: FilterBarProps): React.ReactElement {
  const schemas = [...new Set(tables.map(({ schema_name }) => schema_name))].sort();
  const filtered = [filters.q, filters.status, filters.mode, filters.schema].some((value) => value !== "");
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", columnGap: 1, rowGap: 1.5, alignItems: "center" }}>
      <TextField
        data-page-search
        value={filters.q}
        onChange={(event) => onChange({ q: event.target.value })}
        placeholder={t.search}
        sx={{ width: { xs: "100%", sm: 260 } }}
        slotProps={{
          htmlInput: { "aria-label": t.search },
          input: {
            startAdornment: (
              <InputAdornment position="start">
                <SearchIcon fontSize="small" />
              </InputAdornment>
            ),
          },
        }}
      />
      <Choice
        label={t.status}
        value={filters.status}
        options={STATUS_ORDER.map((status) => [status, STATUS_LOOKS[status].label])}
        onChange={(status) => onChange({ status })}
      />
      <Choice
        label={t.mode}
        value={filters.mode}
        options={[
          ["INCREMENTAL", "Incremental"],
          ["FULL", "Full"],
        ]}
        onChange={(mode) => onChange({ mode })}
      />
      <Choice
        label={t.schema}
        value={filters.schema}
        options={schemas.map((schema) => [schema, schema])}
        onChange={(schema) => onChange({ schema })}
      />
      {filtered ? (
        <Button onClick={() => onChange({ ...NO_FILTERS, sort: filters.sort })}>{common.reset}</Button>
      ) : null}
      <Box sx={REST}>
        <Typography variant="caption" color="textSecondary" role="status">
          {plural(shown, "table")}
        </Typography>
        <DroppedButton />
      </Box>
    </Box>
  );
}

const REST = {
  ml: "auto",
  width: { xs: "100%", sm: "auto" },
  display: "flex",
  gap: 1.5,
  alignItems: "center",
  justifyContent: "space-between",
} as const;

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps): React.ReactElement {
  return (
    <TextField
      select
      label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      sx={{ minWidth: { xs: 96, sm: 128 }, flex: { xs: 1, sm: "none" } }}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">{t.all}</MenuItem>
      {options.map(([key, text]) => (
        <MenuItem key={key} value={key}>
          {text}
        </MenuItem>
      ))}
    </TextField>
  );
}
