import Box from "@mui/material/Box";
import { scaleLinear } from "d3-scale";
import { useMemo, useState } from "react";
import type { LagSeries } from "../../api/types";
import { useSize } from "../hooks/use-size";
import { duration, instant } from "../lib/format";
import { cssColor, words } from "../lib/status";
import { zoneShort } from "../lib/zone";
import { lagTexts } from "../texts/table";
import { lagAt, sawTooth, violations } from "./saw-tooth";
import { lagTicks, timeScale, timeTicks } from "./time-axis";
import { TimePlot } from "./TimePlot";

const HEIGHT = 260;
const MARGIN = { left: 56, right: 28, top: 14, bottom: 24 };

interface LagChartProps {
  series: LagSeries;
  onOpen?: (refresh: number) => void;
  onZoom?: (from: number, to: number) => void;
}

/** The lag as it grew and fell, with the target line; what exceeded it is shaded. */
export function LagChart({ series, onOpen, onZoom }: LagChartProps): React.ReactElement {
  const [ref, { width }] = useSize();
  const [hover, setHover] = useState<number | null>(null);
  const path = useMemo(() => sawTooth(series), [series]);
  const target = series.target_lag_seconds;
  const top = Math.max(target ?? 0, ...path.map((point) => point.lag)) * 1.12 || 1;
  const [begin, end] = [Date.parse(series.begin), Date.parse(series.end)];
  const x = timeScale(begin, end, MARGIN.left, Math.max(width - MARGIN.right, 80));
  const y = scaleLinear([0, top], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const clock = lagTicks(top);
  const line = path.map(({ at, lag }) => `${x(at).toFixed(1)},${y(lag).toFixed(1)}`).join(" ");
  const first = path[0];
  const last = path.at(-1);
  const tooth = hover === null ? undefined : series.points[hover];
  return (
    <Box ref={ref} sx={{ position: "relative", width: "100%" }}>
      <TimePlot
        begin={begin}
        end={end}
        left={MARGIN.left}
        right={MARGIN.right}
        read={(at) => {
          const lag = lagAt(path, at);
          return lag === null ? null : duration(lag);
        }}
        {...(onZoom ? { onZoom } : {})}
      >
        <svg
          width={width}
          height={HEIGHT}
          style={{ display: "block", userSelect: "none" }}
          role="img"
          aria-label={summary(series)}
        >
          <text x={0} y={HEIGHT - 6} {...AXIS}>
            {zoneShort(end)}
          </text>
          {timeTicks(x).map((tick) => (
            <text key={tick.x} x={tick.x} y={HEIGHT - 6} textAnchor="middle" {...AXIS}>
              {tick.label}
            </text>
          ))}
          {(clock.length > 0 ? clock : y.ticks(5)).map((tick) => (
            <g key={tick}>
              <line
                x1={MARGIN.left}
                x2={width - MARGIN.right}
                y1={y(tick)}
                y2={y(tick)}
                stroke={cssColor("divider")}
              />
              <text x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end" {...AXIS}>
                {duration(tick)}
              </text>
            </g>
          ))}
          {first && last ? (
            <polygon
              points={`${x(first.at)},${y(0)} ${line} ${x(last.at)},${y(0)}`}
              fill={cssColor("primary.main")}
              opacity={0.1}
            />
          ) : null}
          {target === null
            ? null
            : violations(path, target).map((polygon, index) => (
                <polygon
                  key={index}
                  points={polygon.map(({ at, lag }) => `${x(at)},${y(lag)}`).join(" ")}
                  fill={cssColor("states.failing")}
                  opacity={0.32}
                />
              ))}
          <polyline points={line} fill="none" stroke={cssColor("primary.main")} strokeWidth={1.5} />
          {target === null ? null : (
            <g>
              <line
                x1={MARGIN.left}
                x2={width - MARGIN.right}
                y1={y(target)}
                y2={y(target)}
                stroke={cssColor("states.failing")}
                strokeDasharray="5 4"
              />
              <text
                x={width - MARGIN.right}
                y={y(target) - 5}
                textAnchor="end"
                {...AXIS}
                fill={cssColor("states.failing")}
                stroke={cssColor("background.paper")}
                strokeWidth={3}
                paintOrder="stroke"
              >
                {lagTexts.target} {duration(target)}
              </text>
            </g>
          )}
          {series.points.map((point, index) => (
            <circle
              key={`${point.refresh_id}-${index}`}
              cx={x(Date.parse(point.at))}
              cy={y(point.peak_seconds)}
              r={hover === index ? 5 : 7}
              fill={hover === index ? cssColor("primary.main") : "transparent"}
              style={{ cursor: onOpen ? "pointer" : "default" }}
              onPointerEnter={() => setHover(index)}
              onPointerLeave={() => setHover(null)}
              onClick={() => onOpen?.(point.refresh_id)}
            />
          ))}
        </svg>
      </TimePlot>
      {tooth ? (
        <Box sx={TIP} style={{ left: Math.min(x(Date.parse(tooth.at)), width - 180), top: 0 }}>
          <b>{duration(tooth.peak_seconds)}</b> → {duration(tooth.trough_seconds)}
          <br />
          {instant(tooth.at)} · {words(tooth.action)}
        </Box>
      ) : null}
    </Box>
  );
}

function summary({ percentiles, target_lag_seconds, points }: LagSeries): string {
  const late = points.filter(
    (point) => target_lag_seconds !== null && point.peak_seconds > target_lag_seconds,
  );
  return lagTexts.summary(points.length, late.length, duration(percentiles.maximum));
}

const AXIS = {
  fontSize: 11,
  fill: cssColor("text.secondary"),
  style: { fontVariantNumeric: "tabular-nums" },
} as const;

const TIP = {
  position: "absolute",
  pointerEvents: "none",
  px: 1,
  py: 0.5,
  border: 1,
  borderColor: "divider",
  borderRadius: 1,
  bgcolor: "background.paper",
  boxShadow: 2,
  fontSize: "0.75rem",
} as const;
