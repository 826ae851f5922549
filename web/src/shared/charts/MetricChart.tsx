import { LineChart } from "@mui/x-charts/LineChart";
import type { Schemas } from "../../api/types";
import { bytes, compact, milliseconds } from "../lib/format";
import { cssColor } from "../lib/status";
import { chartTexts as t } from "../texts/charts";
import { Empty } from "../ui/States";
import { timeFormat } from "./time-axis";

interface MetricChartProps {
  series: readonly Schemas["MetricSeries"][];
  label: string;
  height?: number;
}

function print(value: number | null, unit: string): string {
  if (value === null) return "–";
  if (unit === "ms") return milliseconds(value);
  if (unit.startsWith("bytes")) return bytes(value);
  return `${compact(value)}${unit === "" || unit === "rows/s" ? "" : ` ${unit}`}`;
}

/** A stored figure over time. */
export function MetricChart({ series, label, height = 200 }: MetricChartProps): React.ReactElement {
  const first = series[0];
  if (first === undefined || first.points.length < 2) return <Empty title={t.none} hint={t.noneHint} />;
  const unit = first.unit;
  const instants = first.points.map(({ at }) => new Date(at));
  const seconds = (Number(instants.at(-1)) - Number(instants[0])) / 1_000;
  const format = timeFormat(seconds);
  return (
    <LineChart
      aria-label={label}
      height={height}
      skipAnimation
      hideLegend
      grid={{ horizontal: true }}
      margin={{ left: 0, right: 28, top: 8, bottom: 0 }}
      xAxis={[
        {
          scaleType: "time",
          data: instants,
          valueFormatter: (at: Date) => format.format(at),
          tickNumber: 5,
        },
      ]}
      yAxis={[{ width: 56, min: 0, valueFormatter: (value: number) => print(value, unit) }]}
      series={series.slice(0, 1).map((each) => ({
        data: each.points.map(({ average }) => average),
        label,
        showMark: false,
        curve: "linear" as const,
        area: true,
        color: cssColor("primary.main"),
        valueFormatter: (value: number | null) => print(value, unit),
      }))}
      sx={{ "& .MuiLineChart-area": { fillOpacity: 0.12 }, "& .MuiLineChart-line": { strokeWidth: 1.5 } }}
    />
  );
}
