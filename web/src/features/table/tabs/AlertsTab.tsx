import { useQuery } from "@tanstack/react-query";
import { tableAlertsQuery } from "../../../api/queries/alerts";
import { alertTexts as t } from "../../../shared/texts/alerts";
import { Panel } from "../../../shared/ui/Panel";
import { Empty, Loaded } from "../../../shared/ui/States";
import { AlertTable } from "../../../shared/alerts/AlertTable";
import type { TabProps } from "../TablePage";

/** The alerts of the table, those that fire first. */
export function AlertsTab({ table }: TabProps): React.ReactElement {
  const query = useQuery(tableAlertsQuery(table.qualified_name));
  return (
    <Panel title={t.title} flush>
      <Loaded
        query={query}
        isEmpty={(data) => data.length === 0}
        empty={<Empty title={t.none} hint={t.noneHint} />}
      >
        {(alerts) => <AlertTable label={t.title} alerts={alerts} />}
      </Loaded>
    </Panel>
  );
}
