import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { lagPresets } from "../texts/lag";

interface LagFieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** A target lag: one of the usual ones, or any other in words. */
export function LagField({ value, onChange }: LagFieldProps): React.ReactElement {
  const guidance =
    lagPresets.find(([lag]) => lag === value)?.[1] ?? "For example 90 seconds, 10 minutes, 2 hours.";
  return (
    <Autocomplete
      freeSolo
      options={lagPresets.map(([lag]) => lag)}
      inputValue={value}
      value={value}
      onInputChange={(_, next) => onChange(next)}
      fullWidth
      renderInput={(params) => <TextField {...params} label="Target lag" required helperText={guidance} />}
    />
  );
}
