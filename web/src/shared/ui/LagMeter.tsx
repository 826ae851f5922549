import Box from "@mui/material/Box";
import { useNow } from "../hooks/use-now";
import { duration } from "../lib/format";
import { cssColor } from "../lib/status";

interface LagMeterProps {
  /** The instant at which the table equalled its definition; the lag grows from it. */
  since: string | null;
  target: number | null;
  /** A suspended table has a lag, but nobody promises anything of it. */
  promised?: boolean;
}

/** The lag now, against what was promised: the bar is full at the target. */
export function LagMeter({ since, target, promised = true }: LagMeterProps): React.ReactElement {
  const now = useNow();
  if (since === null)
    return (
      <Box component="span" sx={{ color: "text.secondary" }}>
        –
      </Box>
    );
  const lag = Math.max(0, (now - new Date(since).getTime()) / 1_000);
  const share = target ? lag / target : 0;
  const color = !promised
    ? "states.suspended"
    : share > 1
      ? "states.failing"
      : share > 0.85
        ? "states.late"
        : "states.fresh";
  return (
    <Box sx={{ width: "100%", minWidth: 90 }}>
      <Box
        sx={{
          display: "flex",
          justifyContent: "space-between",
          lineHeight: 1.3,
          fontVariantNumeric: "tabular-nums",
        }}
      >
        <Box
          component="span"
          sx={{ fontWeight: 560, color: share > 1 && promised ? "states.failing" : "text.primary" }}
        >
          {duration(Math.floor(lag))}
        </Box>
        <Box component="span" sx={{ color: "text.secondary", fontSize: "0.75rem" }}>
          {target ? `/ ${duration(target)}` : ""}
        </Box>
      </Box>
      {target ? (
        <Box sx={{ height: 3, borderRadius: 2, bgcolor: "divider", overflow: "hidden" }} aria-hidden>
          <Box sx={{ height: "100%", width: `${Math.min(100, share * 100)}%`, bgcolor: cssColor(color) }} />
        </Box>
      ) : null}
    </Box>
  );
}
