import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { metricQuery } from "../../../api/queries/metrics";
import { MetricChart } from "../../../shared/charts/MetricChart";
import { chartTexts as t } from "../../../shared/texts/charts";
import { Panel } from "../../../shared/ui/Panel";
import { Loaded } from "../../../shared/ui/States";

/** How long refreshes of a table took, and how much they wrote. */
export function RefreshCharts({ table, seconds }: { table: string; seconds: number }): React.ReactElement {
  const durations = useQuery(metricQuery("refresh_ms", seconds, [table]));
  const rows = useQuery(metricQuery("rows_per_second", seconds, [table]));
  return (
    <Box
      sx={{
        display: "grid",
        gap: 2,
        gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "repeat(2, minmax(0, 1fr))" },
      }}
    >
      <Panel title={t.duration}>
        <Loaded query={durations}>
          {(series) => <MetricChart series={series} label={t.duration} height={180} />}
        </Loaded>
      </Panel>
      <Panel title={t.written}>
        <Loaded query={rows}>
          {(series) => <MetricChart series={series} label={t.written} height={180} />}
        </Loaded>
      </Panel>
    </Box>
  );
}
