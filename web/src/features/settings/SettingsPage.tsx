import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../../api/queries/auth";
import { auditQuery } from "../../api/queries/system";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { settingsTexts as t } from "../../shared/texts/settings";
import { tableTexts } from "../../shared/texts/table";
import { AuditTable } from "../../shared/ui/AuditTable";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { PeoplePanel } from "./PeoplePanel";
import { SourcesPanel } from "./SourcesPanel";
import { SystemPanel } from "./SystemPanel";
import { TokensPanel } from "./TokensPanel";

/** The server, its sources, its people and their tokens. */
export function SettingsPage(): React.ReactElement {
  const [{ tab }, setState] = useUrlState({ tab: "system" });
  const { data: me } = useQuery(meQuery());
  const tabs = Object.entries(t.tabs).filter(([key]) => key !== "people" || me?.role === "admin");
  const current = tabs.some(([key]) => key === tab) ? tab : "system";
  return (
    <Page title={t.title}>
      <Tabs
        value={current}
        onChange={(_, next: string) => setState({ tab: next })}
        variant="scrollable"
        sx={{ borderBottom: 1, borderColor: "divider", mt: -1 }}
      >
        {tabs.map(([key, label]) => (
          <Tab
            key={key}
            value={key}
            label={label}
            id={`settings-tab-${key}`}
            aria-controls="settings-panel"
          />
        ))}
      </Tabs>
      <Box role="tabpanel" id="settings-panel" aria-labelledby={`settings-tab-${current}`}>
        {current === "system" ? <SystemPanel /> : null}
        {current === "sources" ? <SourcesPanel /> : null}
        {current === "people" ? <PeoplePanel /> : null}
        {current === "tokens" ? <TokensPanel /> : null}
        {current === "audit" ? <AuditPanel /> : null}
      </Box>
    </Page>
  );
}

function AuditPanel(): React.ReactElement {
  const query = useQuery(auditQuery(""));
  return (
    <Panel title={t.audit} flush>
      <Loaded
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty title={tableTexts.noActivity} />}
      >
        {({ items }) => <AuditTable entries={items} label={t.audit} named />}
      </Loaded>
    </Panel>
  );
}
