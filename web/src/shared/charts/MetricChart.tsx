import { LineChart } from "@mui/x-charts/LineChart";
import type { Stretch } from "../../api/span";
import type { Schemas } from "../../api/types";
import { bytes, compact, milliseconds } from "../lib/format";
import { cssColor } from "../lib/status";
import { chartTexts as t } from "../texts/charts";
import { Empty } from "../ui/States";
import { timeFormat } from "./time-axis";
import { TimePlot } from "./TimePlot";

interface MetricChartProps extends Stretch {
  series: readonly Schemas["MetricSeries"][];
  label: string;
  height?: number;
  onZoom?: (from: number, to: number) => void;
}

function print(value: number | null, unit: string): string {
  if (value === null) return "–";
  if (unit === "ms") return milliseconds(value);
  if (unit.startsWith("bytes")) return bytes(value);
  return `${compact(value)}${unit === "" || unit === "rows/s" ? "" : ` ${unit}`}`;
}

const LEFT = 56;
const RIGHT = 28;

/** The value of the last point up to an instant, unless that is longer ago than the points are apart. */
export function valueAt({ points }: Schemas["MetricSeries"], at: number): number | null {
  const index = points.findLastIndex((point) => Date.parse(point.at) <= at);
  const point = points[index];
  if (point === undefined) return null;
  const neighbour = points[index === 0 ? 1 : index - 1];
  const apart = neighbour ? Math.abs(Date.parse(point.at) - Date.parse(neighbour.at)) : 0;
  return at - Date.parse(point.at) > 2 * apart ? null : point.average;
}

/** The crosshair says what a tooltip would. */
function NoTooltip(): null {
  return null;
}

/** A stored figure over time. */
export function MetricChart(props: MetricChartProps): React.ReactElement {
  const { series, label, begin, end, height = 200, onZoom } = props;
  const first = series[0];
  if (first === undefined || first.points.length < 2) return <Empty title={t.none} hint={t.noneHint} />;
  const unit = first.unit;
  const instants = first.points.map(({ at }) => new Date(at));
  const format = timeFormat((end - begin) / 1_000);
  return (
    <TimePlot
      begin={begin}
      end={end}
      left={LEFT}
      right={RIGHT}
      read={(at) => print(valueAt(first, at), unit)}
      {...(onZoom ? { onZoom } : {})}
    >
      <LineChart
        aria-label={label}
        height={height}
        skipAnimation
        hideLegend
        grid={{ horizontal: true }}
        margin={{ left: 0, right: RIGHT, top: 8, bottom: 0 }}
        xAxis={[
          {
            scaleType: "time",
            data: instants,
            min: begin,
            max: end,
            valueFormatter: (at: Date) => format.format(at),
            tickNumber: 5,
          },
        ]}
        yAxis={[{ width: LEFT, min: 0, valueFormatter: (value: number) => print(value, unit) }]}
        series={series.slice(0, 1).map((each) => ({
          data: each.points.map(({ average }) => average),
          label,
          showMark: false,
          curve: "linear" as const,
          area: true,
          color: cssColor("primary.main"),
          valueFormatter: (value: number | null) => print(value, unit),
        }))}
        disableAxisListener
        slots={{ tooltip: NoTooltip }}
        sx={{ "& .MuiLineChart-area": { fillOpacity: 0.12 }, "& .MuiLineChart-line": { strokeWidth: 1.5 } }}
      />
    </TimePlot>
  );
}
