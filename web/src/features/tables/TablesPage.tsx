import AddIcon from "@mui/icons-material/Add";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { tablesQuery } from "../../api/queries/tables";
import type { DynamicTable } from "../../api/types";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { tablePath } from "../../shared/lib/paths";
import { tablesTexts as t } from "../../shared/texts/table";
import { DataTable } from "../../shared/ui/DataTable";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { useWide } from "../../shared/hooks/use-wide";
import { BulkBar } from "./BulkBar";
import { tableColumns } from "./columns";
import { FilterBar } from "./FilterBar";
import { filterTables, NO_FILTERS } from "./filter";

const NARROW = {
  recent_lags: false,
  mode_reasons: false,
  within_target_ratio: false,
  rows: false,
  bytes: false,
  duration: false,
  last_refresh: false,
};

/** All dynamic tables, to find one or to act on many. */
export function TablesPage(): React.ReactElement {
  const tables = useQuery(tablesQuery());
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const [selected, setSelected] = useState<ReadonlySet<string | number>>(new Set());
  const navigate = useNavigate();
  const wide = useWide();
  const shown = useMemo(() => filterTables(tables.data ?? [], filters), [tables.data, filters]);
  const chosen = shown.filter(({ id }) => selected.has(id));
  return (
    <Page
      title={t.title}
      subtitle={t.subtitle}
      fill
      actions={
        <Button component={Link} to="/builder" variant="contained" startIcon={<AddIcon />}>
          {t.build}
        </Button>
      }
    >
      <FilterBar tables={tables.data ?? []} filters={filters} shown={shown.length} onChange={setFilters} />
      {chosen.length > 0 ? <BulkBar tables={chosen} onDone={() => setSelected(new Set())} /> : null}
      <Panel flush sx={{ flex: 1, minHeight: 320 }}>
        <Loaded
          query={tables}
          lines={10}
          isEmpty={(data) => data.length === 0}
          empty={<Empty title={t.none} hint={t.noneHint} />}
        >
          {() => (
            <DataTable<DynamicTable>
              label={t.gridLabel}
              rows={shown}
              columns={tableColumns}
              rowId={({ id }) => id}
              sort={filters.sort}
              onSort={(sort) => setFilters({ sort })}
              onOpen={(table) => void navigate(tablePath(table))}
              selected={selected}
              onSelect={setSelected}
              hidden={wide ? {} : NARROW}
              // Of a compact grid seven tenths: room for two lines.
              rowHeight={58}
              empty={t.noMatch}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
