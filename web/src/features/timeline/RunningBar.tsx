import Box from "@mui/material/Box";
import type { RunningRefresh } from "../../api/types";
import type { TimeScale } from "../../shared/charts/time-axis";
import { useNow } from "../../shared/hooks/use-now";
import { duration } from "../../shared/lib/format";
import { actionColor, cssColor } from "../../shared/lib/status";
import { isHeldUp } from "../../shared/refresh/running";
import { timelineTexts as t } from "../../shared/texts/timeline";

const STRIPES = "running-stripes";
const WAITING = "waiting-stripes";

/** The fillings of bars that have no end yet. */
export function RunningStripes(): React.ReactElement {
  return (
    <defs>
      <Stripes id={STRIPES} opacity={0.35} />
      <Stripes id={WAITING} opacity={0.8} />
    </defs>
  );
}

function Stripes({ id, opacity }: { id: string; opacity: number }): React.ReactElement {
  return (
    <pattern id={id} width={8} height={8} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width={3} height={8} fill={cssColor("background.paper")} opacity={opacity} />
    </pattern>
  );
}

interface RunningBarProps {
  running: RunningRefresh;
  x: TimeScale;
  y: number;
  height: number;
  /** The left end of the bar, or null once the pointer has left it. */
  onHover: (left: number | null) => void;
  onOpen: () => void;
}

/** A refresh at work, up to the present: striped, and only an outline where it is held up by a lock. */
export function RunningBar(props: RunningBarProps): React.ReactElement | null {
  const { running, x, y, height, onHover, onOpen } = props;
  const now = useNow();
  const [begin = 0, end = 0] = x.range();
  const left = Math.max(begin, x(Date.parse(running.since)));
  const right = Math.min(end, x(now));
  if (left > end) return null;
  const held = isHeldUp(running);
  const color = cssColor(
    held ? "states.late" : running.action ? actionColor(running.action) : "states.running",
  );
  const shape = { x: left, y, width: Math.max(6, right - left), height, rx: 2 };
  return (
    <g
      data-running={held ? "waiting" : "working"}
      style={{ cursor: "pointer" }}
      onPointerEnter={() => onHover(left)}
      onPointerLeave={() => onHover(null)}
      onClick={onOpen}
    >
      <rect {...shape} fill={color} opacity={held ? 0.35 : 0.92} />
      <rect {...shape} fill={`url(#${held ? WAITING : STRIPES})`} stroke={color} strokeWidth={1.5} />
    </g>
  );
}

/** What a refresh does now, and who holds it up. */
export function RunningTip({ running }: { running: RunningRefresh }): React.ReactElement {
  const now = useNow();
  const seconds = Math.max(0, (now - Date.parse(running.since)) / 1_000);
  return (
    <>
      <b>{running.name}</b> {t.runningFor(duration(seconds))}
      <br />
      {isHeldUp(running) ? t.heldUp : (running.phase ?? running.application)}
      {(running.blockers ?? []).map(({ process_id, user, application, query }) => (
        <Box key={process_id} component="div" sx={{ color: "states.late", overflowWrap: "anywhere" }}>
          {t.by(process_id, [user, application].filter(Boolean).join(", "))} {query}
        </Box>
      ))}
    </>
  );
}
