import { lazy } from "react";
import { createBrowserRouter } from "react-router";
import { OverviewPage } from "../features/overview/OverviewPage";
import { AppShell } from "./AppShell";
import { NotFound } from "./NotFound";
import { RequireUser } from "./RequireUser";

// The first page comes with the app; the others when they are asked for.
const TablesPage = lazy(() =>
  import("../features/tables/TablesPage").then((m) => ({ default: m.TablesPage })),
);
const TablePage = lazy(() => import("../features/table/TablePage").then((m) => ({ default: m.TablePage })));
const GraphPage = lazy(() => import("../features/graph/GraphPage").then((m) => ({ default: m.GraphPage })));
const TimelinePage = lazy(() =>
  import("../features/timeline/TimelinePage").then((m) => ({ default: m.TimelinePage })),
);
const RefreshPage = lazy(() =>
  import("../features/timeline/RefreshPage").then((m) => ({ default: m.RefreshPage })),
);
const BuilderPage = lazy(() =>
  import("../features/builder/BuilderPage").then((m) => ({ default: m.BuilderPage })),
);
const ConsolePage = lazy(() =>
  import("../features/console/ConsolePage").then((m) => ({ default: m.ConsolePage })),
);
const SettingsPage = lazy(() =>
  import("../features/settings/SettingsPage").then((m) => ({ default: m.SettingsPage })),
);

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
