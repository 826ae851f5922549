import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { builderTexts as t } from "../../shared/texts/builder";
import { lagPresets } from "../../shared/texts/lag";
import { Select } from "../../shared/ui/Select";
import { readName, readOption, writeOption } from "./statement";

/** Target lag and mode as choices; they write into the statement, and follow what is typed there. */
export function OptionsBar({
  sql,
  onChange,
}: {
  sql: string;
  onChange: (sql: string) => void;
}): React.ReactElement | null {
  if (readName(sql) === null) return null;
  const lag = readOption(sql, "TARGET_LAG") ?? "";
  const mode = (readOption(sql, "REFRESH_MODE") ?? "AUTO").toUpperCase();
  const lags = lagPresets.map(([value]): [string, string] => [value, value]);
  if (!lagPresets.some(([value]) => value === lag)) lags.unshift([lag, lag]);
  const guidance = lagPresets.find(([value]) => value === lag)?.[1];
  return (
    <Box sx={{ display: "flex", gap: 1.5, flexWrap: "wrap", alignItems: "center" }}>
      <Select
        label="Target lag"
        value={lag}
        options={lags}
        onChange={(value) => onChange(writeOption(sql, "TARGET_LAG", value))}
        width={150}
      />
      <Select
        label={t.mode}
        value={mode}
        options={Object.entries(t.modes)}
        onChange={(value) => onChange(writeOption(sql, "REFRESH_MODE", value))}
        width={140}
      />
      <Typography variant="caption" color="textSecondary" sx={{ flex: 1, minWidth: 200 }}>
        {guidance ? `${guidance} ` : ""}
        {t.modeHelp[mode] ?? ""}
      </Typography>
    </Box>
  );
}
