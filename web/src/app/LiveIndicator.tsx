import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";
import type { LiveState } from "../api/live/state";
import { useLiveState } from "../shared/hooks/use-live-state";
import { cssColor } from "../shared/lib/status";
import { shell } from "../shared/texts/shell";

const LOOKS: Record<LiveState, { color: string; label: string; hint: string }> = {
  live: { color: "states.fresh", label: shell.live, hint: shell.liveHint },
  connecting: { color: "states.running", label: shell.connecting, hint: shell.connectingHint },
  polling: { color: "states.late", label: shell.polling, hint: shell.pollingHint },
  offline: { color: "states.failing", label: shell.offline, hint: shell.offlineHint },
};

/** Whether what is shown is the present. */
export function LiveIndicator(): React.ReactElement {
  const state = useLiveState();
  const { color, label, hint } = LOOKS[state];
  return (
    <Tooltip title={hint}>
      <Box role="status" data-live={state} tabIndex={0} sx={BOX}>
        <Box
          component="span"
          sx={{
            width: 8,
            height: 8,
            borderRadius: "50%",
            bgcolor: cssColor(color),
            boxShadow:
              state === "live" ? `0 0 0 3px color-mix(in srgb, ${cssColor(color)} 22%, transparent)` : "none",
          }}
        />
        <Box component="span" sx={{ display: { xs: "none", md: "inline" } }}>
          {label}
        </Box>
      </Box>
    </Tooltip>
  );
}

const BOX = {
  display: "flex",
  alignItems: "center",
  gap: 0.9,
  px: 1,
  py: 0.5,
  borderRadius: 1,
  fontSize: "0.75rem",
  color: "text.secondary",
} as const;
