import { createBrowserRouter } from "react-router";
import { OverviewPage } from "../features/overview/OverviewPage";
import { AppShell } from "./AppShell";
import { lazyPage } from "./lazy-page";
import { NotFound } from "./NotFound";
import { RequireUser } from "./RequireUser";

// The first page comes with the app; the others when they are asked for.
const TablesPage = lazyPage(() => import("../features/tables/TablesPage"), "TablesPage");
const TablePage = lazyPage(() => import("../features/table/TablePage"), "TablePage");
const GraphPage = lazyPage(() => import("../features/graph/GraphPage"), "GraphPage");
const TimelinePage = lazyPage(() => import("../features/timeline/TimelinePage"), "TimelinePage");
const RefreshPage = lazyPage(() => import("../features/timeline/RefreshPage"), "RefreshPage");
const QualityPages = lazyPage(() => import("../features/quality/QualityPages"), "QualityPages");
const AlertsPage = lazyPage(() => import("../features/alerts/AlertsPage"), "AlertsPage");
const BuilderPage = lazyPage(() => import("../features/builder/BuilderPage"), "BuilderPage");
const ConsolePage = lazyPage(() => import("../features/console/ConsolePage"), "ConsolePage");
const SettingsPage = lazyPage(() => import("../features/settings/SettingsPage"), "SettingsPage");

/** Every address of the app. */
export const routes = [
  {
    element: (
      <RequireUser>
        <AppShell />
      </RequireUser>
    ),
    children: [
      { path: "/", element: <OverviewPage /> },
      { path: "/tables", element: <TablesPage /> },
      { path: "/tables/:schema/:name/:tab?", element: <TablePage /> },
      { path: "/graph", element: <GraphPage /> },
      { path: "/timeline", element: <TimelinePage /> },
      { path: "/timeline/refreshes/:id", element: <RefreshPage /> },
      { path: "/quality/:schema?/:name?", element: <QualityPages /> },
      { path: "/alerts/:tab?/:id?", element: <AlertsPage /> },
      { path: "/builder", element: <BuilderPage /> },
      { path: "/console", element: <ConsolePage /> },
      { path: "/settings", element: <SettingsPage /> },
      { path: "*", element: <NotFound /> },
    ],
  },
];

/** Make the router of the browser. */
export function makeRouter(): ReturnType<typeof createBrowserRouter> {
  return createBrowserRouter(routes);
}
