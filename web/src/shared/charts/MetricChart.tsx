import { LineChart } from "@mui/x-charts/LineChart";
import type { Schemas } from "../../api/types";
import { bytes, compact, milliseconds } from "../lib/format";
import { cssColor } from "../lib/status";
import { chartTexts as t } from "../texts/charts";
import { Empty } from "../ui/States";

interface MetricChartProps {
  series: readonly Schemas["MetricSeries"][];
  label: string;
  height?: number;
}

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

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
  return (
    <LineChart
      aria-label={label}
      height={height}
      skipAnimation
      hideLegend
      grid={{ horizontal: true }}
      margin={{ left: 0, right: 12, top: 8, bottom: 0 }}
      xAxis={[
        {
          scaleType: "time",
          data: first.points.map(({ at }) => new Date(at)),
          valueFormatter: (at: Date) => time.format(at),
          tickNumber: 6,
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
