import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { lagQuery } from "../../../api/queries/tables";
import type { LagSeries } from "../../../api/types";
import { LagChart } from "../../../shared/charts/LagChart";
import { useTimeRange } from "../../../shared/hooks/use-time-range";
import { duration, percent } from "../../../shared/lib/format";
import { refreshPath } from "../../../shared/lib/paths";
import { lagTexts as t } from "../../../shared/texts/table";
import { Panel } from "../../../shared/ui/Panel";
import { Empty, Loaded } from "../../../shared/ui/States";
import { RangePicker } from "../../../shared/ui/RangePicker";
import type { TabProps } from "../TablePage";
import { RefreshCharts } from "./RefreshCharts";

/** The lag as it was, against what was promised. */
export function LagTab({ table }: TabProps): React.ReactElement {
  const range = useTimeRange("1h");
  const query = useQuery(lagQuery(table, range.span));
  const navigate = useNavigate();
  return (
    <>
      <Panel title="Lag" aside={<RangePicker range={range} />}>
        <Loaded query={query} lines={8} isEmpty={isEmpty} empty={<Empty title={t.none} hint={t.noneHint} />}>
          {(series) => (
            <>
              <Figures series={series} />
              <LagChart
                series={series}
                onOpen={(id) => void navigate(refreshPath(id))}
                onZoom={range.setOwn}
              />
            </>
          )}
        </Loaded>
      </Panel>
      <RefreshCharts table={table.qualified_name} range={range} />
    </>
  );
}

function isEmpty({ points, current_seconds }: LagSeries): boolean {
  return points.length === 0 && current_seconds === null;
}

function Figures({ series }: { series: LagSeries }): React.ReactElement {
  const { p50, p95, p99, maximum } = series.percentiles;
  const target = series.target_lag_seconds;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, mb: 2 }}>
      <Figure
        label={t.ratio}
        value={percent(series.within_target_ratio)}
        bad={(series.within_target_ratio ?? 1) < 0.99}
      />
      <Figure label={t.p50} value={duration(p50)} bad={over(p50, target)} />
      <Figure label={t.p95} value={duration(p95)} bad={over(p95, target)} />
      <Figure label={t.p99} value={duration(p99)} bad={over(p99, target)} />
      <Figure label={t.maximum} value={duration(maximum)} bad={over(maximum, target)} />
    </Box>
  );
}

function over(value: number | null, target: number | null): boolean {
  return value !== null && target !== null && value > target;
}

function Figure({ label, value, bad }: { label: string; value: string; bad: boolean }): React.ReactElement {
  return (
    <Card sx={{ px: 1.5, py: 0.75, minWidth: 104 }}>
      <Typography variant="caption" color="textSecondary" component="div">
        {label}
      </Typography>
      <Typography
        sx={{ fontWeight: 620, fontSize: "1.0625rem", color: bad ? "states.failing" : "text.primary" }}
      >
        {value}
      </Typography>
    </Card>
  );
}
