import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, useParams } from "react-router";
import { meQuery } from "../../api/queries/auth";
import { alertTexts as t } from "../../shared/texts/alerts";
import { Page } from "../../shared/ui/Page";
import { Loading } from "../../shared/ui/States";

const AlertPage = lazy(() => import("./AlertPage").then((m) => ({ default: m.AlertPage })));
const IncidentPage = lazy(() => import("./IncidentPage").then((m) => ({ default: m.IncidentPage })));

const PANELS: Record<string, React.LazyExoticComponent<React.ComponentType>> = {
  "": lazy(() => import("./AlertList").then((m) => ({ default: m.AlertList }))),
  incidents: lazy(() => import("./IncidentsPanel").then((m) => ({ default: m.IncidentsPanel }))),
  rules: lazy(() => import("./RulesPanel").then((m) => ({ default: m.RulesPanel }))),
  silences: lazy(() => import("./SilencesPanel").then((m) => ({ default: m.SilencesPanel }))),
  routes: lazy(() => import("./RoutesPanel").then((m) => ({ default: m.RoutesPanel }))),
  channels: lazy(() => import("./ChannelsPanel").then((m) => ({ default: m.ChannelsPanel }))),
  report: lazy(() => import("./ReportPanel").then((m) => ({ default: m.ReportPanel }))),
};

/** Everything about alerts: what fires, and what is watched, told and done. */
export function AlertsPage(): React.ReactElement {
  const { tab = "", id } = useParams();
  const { data: me } = useQuery(meQuery());
  if (tab === "alert" && id !== undefined) {
    return (
      <Suspense fallback={<Loading lines={8} />}>
        <AlertPage key={id} fingerprint={id} />
      </Suspense>
    );
  }
  if (tab === "incidents" && id !== undefined) {
    return (
      <Suspense fallback={<Loading lines={8} />}>
        <IncidentPage key={id} id={Number(id)} />
      </Suspense>
    );
  }
  const current = tab in PANELS ? tab : "";
  const Panel = PANELS[current];
  const shown = Object.entries(t.tabs).filter(([key]) => key !== "channels" || me?.role === "admin");
  return (
    <Page title={t.title} subtitle={t.subtitle}>
      <Box component="nav" aria-label={t.title} sx={{ borderBottom: 1, borderColor: "divider", mt: -1 }}>
        <Tabs
          value={shown.some(([key]) => key === current) ? current : false}
          variant="scrollable"
          scrollButtons="auto"
        >
          {shown.map(([key, label]) => (
            <Tab
              key={key}
              value={key}
              label={label}
              component={Link}
              to={key === "" ? "/alerts" : `/alerts/${key}`}
            />
          ))}
        </Tabs>
      </Box>
      <Suspense fallback={<Loading lines={8} />}>{Panel ? <Panel /> : null}</Suspense>
    </Page>
  );
}
