import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, useParams } from "react-router";
import { tableQuery } from "../../api/queries/tables";
import type { TableDetail } from "../../api/types";
import { tablePath } from "../../shared/lib/paths";
import { tableTexts as t } from "../../shared/texts/table";
import { ActionChip } from "../../shared/ui/ActionChip";
import { Page } from "../../shared/ui/Page";
import { StatusLabel } from "../../shared/ui/StateLabel";
import { Loaded, Loading } from "../../shared/ui/States";
import { TableActions } from "./TableActions";

export interface TabProps {
  table: TableDetail;
}

const TABS: Record<string, React.LazyExoticComponent<React.ComponentType<TabProps>>> = {
  "": lazy(() => import("./tabs/OverviewTab").then((module) => ({ default: module.OverviewTab }))),
  refreshes: lazy(() => import("./tabs/RefreshesTab").then((module) => ({ default: module.RefreshesTab }))),
  lag: lazy(() => import("./tabs/LagTab").then((module) => ({ default: module.LagTab }))),
  lineage: lazy(() => import("./tabs/LineageTab").then((module) => ({ default: module.LineageTab }))),
  plan: lazy(() => import("./tabs/PlanTab").then((module) => ({ default: module.PlanTab }))),
  data: lazy(() => import("./tabs/DataTab").then((module) => ({ default: module.DataTab }))),
  quality: lazy(() => import("./tabs/QualityTab").then((module) => ({ default: module.QualityTab }))),
  alerts: lazy(() => import("./tabs/AlertsTab").then((module) => ({ default: module.AlertsTab }))),
  settings: lazy(() => import("./tabs/SettingsTab").then((module) => ({ default: module.SettingsTab }))),
  activity: lazy(() => import("./tabs/ActivityTab").then((module) => ({ default: module.ActivityTab }))),
  ddl: lazy(() => import("./tabs/DdlTab").then((module) => ({ default: module.DdlTab }))),
};

/** Everything of one dynamic table. */
export function TablePage(): React.ReactElement {
  const { schema = "", name = "", tab = "" } = useParams();
  const table = { schema_name: schema, name };
  const query = useQuery(tableQuery(table));
  const Content = TABS[tab] ?? TABS[""];
  return (
    <Page
      title={name}
      subtitle={query.data?.comment ?? schema}
      badge={
        query.data ? (
          <>
            <StatusLabel status={query.data.status} />
            <ActionChip action={query.data.mode} />
          </>
        ) : null
      }
      actions={query.data ? <TableActions table={query.data} /> : null}
      fill
    >
      <Box component="nav" aria-label={name} sx={{ borderBottom: 1, borderColor: "divider", mt: -1 }}>
        <Tabs value={tab in TABS ? tab : ""} variant="scrollable" scrollButtons="auto">
          {Object.entries(t.tabs).map(([key, label]) => (
            <Tab key={key} value={key} label={label} component={Link} to={tablePath(table, key)} />
          ))}
        </Tabs>
      </Box>
      <Loaded query={query} lines={8}>
        {(data) => (
          <Suspense fallback={<Loading lines={8} />}>{Content ? <Content table={data} /> : null}</Suspense>
        )}
      </Loaded>
    </Page>
  );
}
