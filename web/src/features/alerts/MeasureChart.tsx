import Box from "@mui/material/Box";
import { scaleLinear } from "d3-scale";
import type { Schemas } from "../../api/types";
import { timeScale, timeTicks } from "../../shared/charts/time-axis";
import { TimePlot } from "../../shared/charts/TimePlot";
import { useSize } from "../../shared/hooks/use-size";
import { compact } from "../../shared/lib/format";
import { cssColor } from "../../shared/lib/status";
import { zoneShort } from "../../shared/lib/zone";
import { alertPageTexts as t } from "../../shared/texts/alerts";

const HEIGHT = 190;
const MARGIN = { left: 56, right: 20, top: 16, bottom: 24 };

interface MeasureChartProps {
  of: Schemas["Rehearsal"];
  table: Schemas["TableRehearsal"];
}

/** A measure over time with its threshold; when the alert fired is shaded, and each beginning is marked. */
export function MeasureChart({ of, table }: MeasureChartProps): React.ReactElement {
  const [ref, { width }] = useSize();
  const end = Date.parse(of.end);
  const first = Date.parse(table.points[0]?.at ?? of.begin);
  // Of a table that is younger than the stretch, only its life.
  const begin = Math.max(Date.parse(of.begin), first - (end - first) * 0.05 - 1_000);
  const points = table.points.map(({ at, value }) => ({ at: Math.max(begin, Date.parse(at)), value }));
  const top = Math.max(of.threshold, ...points.map(({ value }) => value)) * 1.15 || 1;
  const bottom = Math.min(0, of.threshold, ...points.map(({ value }) => value));
  const x = timeScale(begin, end, MARGIN.left, Math.max(width - MARGIN.right, 80));
  const y = scaleLinear([bottom, top], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const right = width - MARGIN.right;
  return (
    <Box ref={ref} sx={{ width: "100%" }}>
      <TimePlot
        begin={begin}
        end={end}
        left={MARGIN.left}
        right={MARGIN.right}
        read={(at) => {
          const point = points.findLast((each) => each.at <= at);
          return point ? `${compact(point.value)} ${of.unit}` : null;
        }}
      >
        <svg
          width={width}
          height={HEIGHT}
          style={{ display: "block", userSelect: "none" }}
          role="img"
          aria-label={`${table.table}. ${t.chart(table.fired.length)}`}
        >
          <text x={0} y={HEIGHT - 6} {...AXIS}>
            {zoneShort(end)}
          </text>
          {timeTicks(x).map((tick) => (
            <text key={tick.x} x={tick.x} y={HEIGHT - 6} textAnchor="middle" {...AXIS}>
              {tick.label}
            </text>
          ))}
          {y.ticks(4).map((tick) => (
            <g key={tick}>
              <line x1={MARGIN.left} x2={right} y1={y(tick)} y2={y(tick)} stroke={cssColor("divider")} />
              <text x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end" {...AXIS}>
                {compact(tick)}
              </text>
            </g>
          ))}
          {table.fired.map(({ begin: from, end: to }) => {
            const left = x(Math.max(begin, Date.parse(from)));
            return (
              <g key={from}>
                <rect
                  x={left}
                  width={Math.max(1.5, x(to === null ? end : Date.parse(to)) - left)}
                  y={MARGIN.top}
                  height={HEIGHT - MARGIN.bottom - MARGIN.top}
                  fill={cssColor("states.failing")}
                  opacity={0.16}
                />
                <path d={`M${left - 5} ${MARGIN.top - 8}h10l-5 8z`} fill={cssColor("states.failing")} />
              </g>
            );
          })}
          <polyline
            points={points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ")}
            fill="none"
            stroke={cssColor("primary.main")}
            strokeWidth={1.5}
          />
          <line
            x1={MARGIN.left}
            x2={right}
            y1={y(of.threshold)}
            y2={y(of.threshold)}
            stroke={cssColor("states.failing")}
            strokeDasharray="5 4"
          />
          <text
            x={right}
            y={y(of.threshold) - 5}
            textAnchor="end"
            {...AXIS}
            fill={cssColor("states.failing")}
            stroke={cssColor("background.paper")}
            strokeWidth={3}
            paintOrder="stroke"
          >
            {t.threshold} {compact(of.threshold)} {of.unit}
          </text>
        </svg>
      </TimePlot>
    </Box>
  );
}

const AXIS = {
  fontSize: 11,
  fill: cssColor("text.secondary"),
  style: { fontVariantNumeric: "tabular-nums" },
} as const;
