import { useQuery } from "@tanstack/react-query";
import { activityQuery } from "../../../api/queries/tables";
import { tableTexts as t } from "../../../shared/texts/table";
import { AuditTable } from "../../../shared/ui/AuditTable";
import { Panel } from "../../../shared/ui/Panel";
import { Empty, Loaded } from "../../../shared/ui/States";
import type { TabProps } from "../TablePage";

/** Who did what to a table. */
export function ActivityTab({ table }: TabProps): React.ReactElement {
  const query = useQuery(activityQuery(table));
  return (
    <Panel title={t.activity} flush>
      <Loaded
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty title={t.noActivity} />}
      >
        {({ items }) => <AuditTable entries={items} label={t.activity} />}
      </Loaded>
    </Panel>
  );
}
