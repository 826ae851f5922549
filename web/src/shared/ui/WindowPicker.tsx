import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { lagTexts } from "../texts/table";

const WINDOWS: Record<string, number> = {
  "5m": 300,
  "15m": 900,
  "1h": 3_600,
  "6h": 21_600,
  "24h": 86_400,
  "7d": 604_800,
};

/** The seconds of a window's name; an hour if there is no such window. */
export function secondsOf(window: string): number {
  return WINDOWS[window] ?? 3_600;
}

interface WindowPickerProps {
  value: string;
  onChange: (window: string) => void;
}

/** How far to look back. */
export function WindowPicker({ value, onChange }: WindowPickerProps): React.ReactElement {
  return (
    <ToggleButtonGroup
      exclusive
      value={value}
      aria-label={lagTexts.window}
      onChange={(_, next: string | null) => (next === null ? undefined : onChange(next))}
    >
      {Object.keys(WINDOWS).map((window) => (
        <ToggleButton key={window} value={window}>
          {window}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
