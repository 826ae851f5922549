import Box from "@mui/material/Box";
import { useEffect, useRef, useState } from "react";
import { pointAt, useTimeCursor } from "./time-cursor";
import { timeFormat } from "./time-axis";

interface TimePlotProps {
  /** Instants in milliseconds. */
  begin: number;
  end: number;
  /** How far the plot is from both edges, in pixels. */
  left: number;
  right: number;
  /** What the chart says of an instant, shown beside the crosshair. */
  read?: (at: number) => string | null;
  /** Look closer at a stretch that somebody has dragged over. */
  onZoom?: (from: number, to: number) => void;
  children: React.ReactNode;
}

/** Less is a click. */
const DRAG = 6;

/** Around a chart over time: the crosshair that all charts of the page share, and zooming by dragging. */
export function TimePlot(props: TimePlotProps): React.ReactElement {
  const { begin, end, left, right, onZoom, children } = props;
  const brush = useBrush(props);
  useEffect(() => () => pointAt(null), []);
  const place = (at: number): string =>
    `calc(${left}px + (100% - ${left + right}px) * ${(at - begin) / (end - begin)})`;
  return (
    <Box
      sx={{ position: "relative", width: 1, touchAction: "pan-y", cursor: onZoom ? "crosshair" : "default" }}
      {...brush.handlers}
    >
      {children}
      {brush.selection ? (
        <Box
          data-testid="selection"
          sx={SELECTION}
          style={{
            left: place(brush.selection[0]),
            right: `calc(100% - ${place(brush.selection[1])})`,
          }}
        />
      ) : null}
      <Crosshair {...props} place={place} />
    </Box>
  );
}

function Crosshair({
  begin,
  end,
  read,
  place,
}: TimePlotProps & { place: (at: number) => string }): React.ReactElement | null {
  const at = useTimeCursor();
  if (at === null || at < begin || at > end) return null;
  const said = read?.(at) ?? null;
  const right = at > (begin + end) / 2;
  return (
    <Box aria-hidden data-crosshair sx={CROSSHAIR} style={{ left: place(at) }}>
      <Box sx={LABEL} style={right ? { right: 4 } : { left: 4 }}>
        {timeFormat(Math.min(1_200, (end - begin) / 1_000)).format(at)}
        {said === null ? null : <b> {said}</b>}
      </Box>
    </Box>
  );
}

/** Follow the pointer over a chart, and tell which stretch of time a drag covered. */
function useBrush({ begin, end, left, right, onZoom }: TimePlotProps) {
  const start = useRef<{ x: number; at: number } | null>(null);
  const dragged = useRef(false);
  // The last move need not have been drawn yet when the pointer is released.
  const chosen = useRef<[number, number] | null>(null);
  const [selection, setSelection] = useState<[number, number] | null>(null);
  const instant = (event: React.PointerEvent): number | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - left) / (box.width - left - right);
    return share < 0 || share > 1 ? null : begin + share * (end - begin);
  };
  const stop = (): void => {
    start.current = null;
    chosen.current = null;
    setSelection(null);
  };
  return {
    selection,
    handlers: {
      onPointerDown: (event: React.PointerEvent) => {
        const at = instant(event);
        dragged.current = false;
        start.current = at === null || onZoom === undefined ? null : { x: event.clientX, at };
      },
      onPointerMove: (event: React.PointerEvent) => {
        const at = instant(event);
        pointAt(at);
        const from = start.current;
        if (from === null || at === null || Math.abs(event.clientX - from.x) < DRAG) return;
        dragged.current = true;
        chosen.current = [Math.min(from.at, at), Math.max(from.at, at)];
        setSelection(chosen.current);
      },
      onPointerUp: () => {
        const found = chosen.current;
        stop();
        if (found) onZoom?.(...found);
      },
      onPointerLeave: () => {
        stop();
        pointAt(null);
      },
      // The end of a drag is no click on what lies there.
      onClickCapture: (event: React.MouseEvent) => {
        if (dragged.current) event.stopPropagation();
        dragged.current = false;
      },
    },
  };
}

const SELECTION = {
  position: "absolute",
  top: 0,
  bottom: 0,
  bgcolor: "primary.main",
  opacity: 0.14,
  pointerEvents: "none",
} as const;

const CROSSHAIR = {
  position: "absolute",
  top: 0,
  bottom: 0,
  width: 0,
  borderLeft: "1px dashed",
  borderColor: "text.secondary",
  pointerEvents: "none",
  zIndex: 1,
} as const;

const LABEL = {
  position: "absolute",
  bottom: 26,
  px: 0.75,
  borderRadius: 0.5,
  bgcolor: "background.paper",
  border: 1,
  borderColor: "divider",
  fontSize: "0.6875rem",
  lineHeight: 1.6,
  whiteSpace: "nowrap",
  fontVariantNumeric: "tabular-nums",
} as const;
