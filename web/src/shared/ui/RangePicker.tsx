import Button from "@mui/material/Button";
import Box from "@mui/material/Box";
import Popover from "@mui/material/Popover";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { stretchOf } from "../../api/span";
import { WINDOW_NAMES, type TimeRange } from "../hooks/use-time-range";
import { instant } from "../lib/format";
import { fromField, toField, zoneName } from "../lib/zone";
import { rangeTexts as t } from "../texts/range";

/** How far to look back, or from when to when. */
export function RangePicker({ range }: { range: TimeRange }): React.ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { begin, end } = stretchOf(range.span);
  const own = "from" in range.span;
  const ends = [begin, end].map((at) => instant(new Date(at).toISOString())).join(" – ");
  const shown = own ? ends : t.own;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1 }}>
      <Typography variant="caption" color="textSecondary" title={t.zoneHint}>
        {zoneName()}
      </Typography>
      <ToggleButtonGroup
        exclusive
        value={range.window}
        aria-label={t.window}
        onChange={(_, next: string | null) => (next === null ? undefined : range.setWindow(next))}
      >
        {WINDOW_NAMES.map((window) => (
          <ToggleButton key={window} value={window}>
            {window}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <ToggleButton
        value="own"
        selected={own}
        aria-haspopup="dialog"
        aria-label={t.pick(shown)}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {shown}
      </ToggleButton>
      <Popover
        open={anchor !== null}
        anchorEl={anchor}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: "bottom", horizontal: "right" }}
        transformOrigin={{ vertical: "top", horizontal: "right" }}
        slotProps={{ paper: { "aria-label": t.choose, role: "dialog" } }}
      >
        <Ends
          begin={begin}
          end={end}
          onChoose={(from, to) => {
            setAnchor(null);
            range.setOwn(from, to);
          }}
        />
      </Popover>
    </Box>
  );
}

interface EndsProps {
  begin: number;
  end: number;
  onChoose: (from: number, to: number) => void;
}

function Ends({ begin, end, onChoose }: EndsProps): React.ReactElement {
  const [from, setFrom] = useState(() => toField(begin));
  const [to, setTo] = useState(() => toField(end));
  const valid = fromField(to) > fromField(from);

  function choose(event: React.SyntheticEvent): void {
    event.preventDefault();
    if (valid) onChoose(fromField(from), fromField(to));
  }

  const field = {
    type: "datetime-local",
    slotProps: { inputLabel: { shrink: true }, htmlInput: { step: 1 } },
  };
  return (
    <Box component="form" onSubmit={choose} sx={{ p: 2, display: "grid", gap: 1.5, width: 280 }}>
      <TextField
        label={t.from}
        value={from}
        onChange={(event) => setFrom(event.target.value)}
        {...field}
        autoFocus
      />
      <TextField
        label={t.to}
        value={to}
        onChange={(event) => setTo(event.target.value)}
        {...field}
        error={!valid}
        helperText={valid ? t.zone(zoneName()) : t.backwards}
      />
      <Button type="submit" variant="contained" disabled={!valid}>
        {t.apply}
      </Button>
    </Box>
  );
}
