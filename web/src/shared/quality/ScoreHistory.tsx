import Box from "@mui/material/Box";
import { LineChart } from "@mui/x-charts/LineChart";
import { useQuery } from "@tanstack/react-query";
import { tableScoresQuery } from "../../api/queries/quality";
import type { TableName } from "../../api/queries/tables";
import type { Schemas } from "../../api/types";
import { stretchOf } from "../../api/span";
import { timeFormat } from "../charts/time-axis";
import { useTimeRange } from "../hooks/use-time-range";
import { qualityLook, scoreText, DIMENSIONS } from "../lib/quality";
import { cssColor } from "../lib/status";
import { qualityTexts as t } from "../texts/quality";
import { Panel } from "../ui/Panel";
import { RangePicker } from "../ui/RangePicker";
import { Bar } from "../ui/Score";
import { Empty, Loaded } from "../ui/States";

type ScorePoint = Schemas["ScorePoint"];

/** The score of a table over time, and what its dimensions are now. */
export function ScoreHistory({ table }: { table: TableName }): React.ReactElement {
  const range = useTimeRange("24h");
  const query = useQuery(tableScoresQuery(table, range.span));
  const { begin, end } = stretchOf(range.span);
  return (
    <Panel title={t.overTime}>
      <Box sx={{ my: 1 }}>
        <RangePicker range={range} />
      </Box>
      <Loaded query={query} lines={5}>
        {({ points, table: scored }) => (
          <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
            {points.length === 0 ? (
              <Empty title={t.noTrend} hint={t.noTrendHint} />
            ) : (
              <Chart points={points} begin={begin} end={end} />
            )}
            {scored.latest ? <DimensionBars point={scored.latest} /> : null}
          </Box>
        )}
      </Loaded>
    </Panel>
  );
}

function Chart({
  points,
  begin,
  end,
}: {
  points: readonly ScorePoint[];
  begin: number;
  end: number;
}): React.ReactElement {
  const scores = points.map(({ score }) => score);
  const known = scores.filter((score) => score !== null);
  const format = timeFormat((end - begin) / 1_000);
  return (
    <LineChart
      aria-label={t.chart(points.length, scoreText(Math.min(...known)), scoreText(Math.max(...known)))}
      height={180}
      skipAnimation
      hideLegend
      grid={{ horizontal: true }}
      margin={{ left: 0, right: 12, top: 8, bottom: 0 }}
      xAxis={[
        {
          scaleType: "time",
          data: points.map(({ checked_at }) => new Date(checked_at)),
          min: begin,
          max: end,
          valueFormatter: (at: Date) => format.format(at),
          tickNumber: 5,
        },
      ]}
      yAxis={[{ width: 40, min: 0, max: 100 }]}
      series={[
        {
          data: [...scores],
          label: t.score,
          showMark: points.length < 60,
          curve: "stepAfter" as const,
          color: cssColor("primary.main"),
          valueFormatter: (value: number | null) => scoreText(value),
        },
      ]}
      sx={{ "& .MuiLineChart-line": { strokeWidth: 1.5 } }}
    />
  );
}

/** The dimensions of a score as bars. */
export function DimensionBars({ point }: { point: ScorePoint }): React.ReactElement {
  const found = DIMENSIONS.filter((name) => name in point.dimensions);
  return (
    <Box component="dl" aria-label={t.dimensions} sx={BARS}>
      {found.map((name) => (
        <Box key={name}>
          <Box component="dt" sx={{ fontSize: "0.75rem", color: "text.secondary" }}>
            {t.dimensionNames[name]}
          </Box>
          <Box component="dd" sx={{ m: 0, fontSize: "0.8125rem", fontWeight: 560 }}>
            <Bar value={point.dimensions[name] ?? 0} look={lookOf(point.dimensions[name] ?? 0)} />
          </Box>
        </Box>
      ))}
    </Box>
  );
}

/** The look of a score without rules that cap it. */
export function lookOf(score: number): ReturnType<typeof qualityLook> {
  if (score >= 95) return qualityLook("HEALTHY");
  return qualityLook(score >= 80 ? "WARNING" : "ERROR");
}

const BARS = {
  m: 0,
  display: "grid",
  gap: 2,
  gridTemplateColumns: "repeat(auto-fit, minmax(84px, 1fr))",
} as const;
