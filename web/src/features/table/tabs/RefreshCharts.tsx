import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { metricQuery } from "../../../api/queries/metrics";
import type { TimeRange } from "../../../shared/hooks/use-time-range";
import { MetricChart } from "../../../shared/charts/MetricChart";
import { chartTexts as t } from "../../../shared/texts/charts";
import { Panel } from "../../../shared/ui/Panel";
import { Loaded } from "../../../shared/ui/States";

interface RefreshChartsProps {
  table: string;
  range: TimeRange;
}

/** How long refreshes of a table took, and how much they wrote. */
export function RefreshCharts({ table, range }: RefreshChartsProps): React.ReactElement {
  const durations = useQuery(metricQuery("refresh_ms", range.span, [table]));
  const rows = useQuery(metricQuery("rows_per_second", range.span, [table]));
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
          {(found) => <MetricChart {...found} label={t.duration} height={180} onZoom={range.setOwn} />}
        </Loaded>
      </Panel>
      <Panel title={t.written}>
        <Loaded query={rows}>
          {(found) => <MetricChart {...found} label={t.written} height={180} onZoom={range.setOwn} />}
        </Loaded>
      </Panel>
    </Box>
  );
}
