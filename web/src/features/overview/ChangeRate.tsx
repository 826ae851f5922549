import { useQuery } from "@tanstack/react-query";
import { metricQuery } from "../../api/queries/metrics";
import { MetricChart } from "../../shared/charts/MetricChart";
import { overviewTexts as t } from "../../shared/texts/overview";
import { Loaded } from "../../shared/ui/States";

/** How many rows refreshes changed, over the last quarter of an hour. */
export function ChangeRate(): React.ReactElement {
  const query = useQuery(metricQuery("changes_per_second", { seconds: 900 }));
  return (
    <Loaded query={query} lines={5}>
      {(found) => <MetricChart {...found} label={t.rateHint} />}
    </Loaded>
  );
}
