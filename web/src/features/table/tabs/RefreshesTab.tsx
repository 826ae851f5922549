import { useNavigate } from "react-router";
import { useUrlState } from "../../../shared/hooks/use-url-state";
import { refreshPath } from "../../../shared/lib/paths";
import { RefreshTable } from "../../../shared/refresh/RefreshTable";
import { Panel } from "../../../shared/ui/Panel";
import type { TabProps } from "../TablePage";

/** Every refresh of a table. */
export function RefreshesTab({ table }: TabProps): React.ReactElement {
  const [filters, setFilters] = useUrlState({ show: "all" });
  const navigate = useNavigate();
  return (
    <Panel flush sx={{ flex: 1, minHeight: 360 }}>
      <RefreshTable
        filter={{ schema_name: table.schema_name, name: table.name }}
        show={filters.show}
        onShow={(show) => setFilters({ show })}
        onOpen={({ id }) => void navigate(refreshPath(id))}
        named={false}
      />
    </Panel>
  );
}
