import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import Typography from "@mui/material/Typography";
import type { Schemas } from "../../api/types";
import { milliseconds, plural } from "../../shared/lib/format";
import { CODE } from "../../shared/lib/fonts";
import { consoleTexts as t } from "../../shared/texts/console";
import { Ago } from "../../shared/ui/Ago";
import { Panel } from "../../shared/ui/Panel";
import { ResultGrid } from "../../shared/ui/ResultGrid";
import { Empty, ErrorState, Loading } from "../../shared/ui/States";
import type { HistoryEntry } from "./history";
import { QueryPlanTree } from "./QueryPlanTree";
import type { RunState } from "./use-run";

interface ConsoleResultsProps {
  tab: string;
  onTab: (tab: string) => void;
  run: RunState;
  plan: Schemas["QueryPlan"] | undefined;
  planError: unknown;
  planning: boolean;
  history: readonly HistoryEntry[];
  onUse: (sql: string) => void;
  onForget: () => void;
}

const TABS = ["results", "plan", "history"] as const;

/** Below the worksheet: the rows, the plan, what was run before. */
export function ConsoleResults(props: ConsoleResultsProps): React.ReactElement {
  const { tab, onTab, run, history } = props;
  return (
    <Panel flush>
      <Box sx={{ display: "flex", flexDirection: "column", height: 1 }}>
        <Box
          sx={{
            display: "flex",
            alignItems: "center",
            borderBottom: 1,
            borderColor: "divider",
            pr: 1.5,
            flex: "none",
          }}
        >
          <Tabs
            value={TABS.find((each) => each === tab) ?? "results"}
            onChange={(_, next: string) => onTab(next)}
            sx={{ flex: 1, px: 1 }}
          >
            {TABS.map((key) => (
              <Tab
                key={key}
                value={key}
                label={t[key]}
                id={`console-tab-${key}`}
                aria-controls="console-panel"
              />
            ))}
          </Tabs>
          <Typography variant="caption" color="textSecondary" role="status">
            {statusText(run)}
          </Typography>
        </Box>
        {run.status === "running" ? (
          <LinearProgress sx={{ height: 2, flex: "none" }} aria-label={t.run} />
        ) : null}
        <Box
          role="tabpanel"
          id="console-panel"
          aria-labelledby={`console-tab-${tab}`}
          tabIndex={0}
          sx={{ flex: 1, minHeight: 0, overflow: "auto" }}
        >
          {tab === "plan" ? (
            <PlanBody {...props} />
          ) : tab === "history" ? (
            <HistoryBody {...props} history={history} />
          ) : (
            <ResultBody run={run} />
          )}
        </Box>
      </Box>
    </Panel>
  );
}

function statusText({ status, rows, end }: RunState): string {
  if (status === "running") return t.running(plural(rows.length, "row"));
  if (status === "cancelled") return t.cancelled;
  if (end === null || status === "failed") return "";
  return (
    t.done(plural(end.rows, "row"), milliseconds(end.milliseconds)) +
    (end.truncated ? `, ${t.truncated}` : "")
  );
}

function ResultBody({ run }: { run: RunState }): React.ReactElement {
  if (run.status === "failed") {
    return (
      <Box sx={{ p: 2 }}>
        <ErrorState error={run.error} />
      </Box>
    );
  }
  if (run.columns.length === 0) {
    return run.status === "running" ? <Loading lines={6} /> : <Empty title={t.empty} hint={t.emptyHint} />;
  }
  return <ResultGrid label={t.results} columns={run.columns} rows={run.rows} />;
}

function PlanBody({ plan, planError, planning }: ConsoleResultsProps): React.ReactElement {
  if (planning)
    return (
      <Box sx={{ p: 2 }}>
        <Loading lines={5} />
      </Box>
    );
  if (planError)
    return (
      <Box sx={{ p: 2 }}>
        <ErrorState error={planError} />
      </Box>
    );
  return plan ? <QueryPlanTree plan={plan} /> : <Empty title={t.empty} hint={t.emptyHint} />;
}

function HistoryBody({ history, onUse, onForget }: ConsoleResultsProps): React.ReactElement {
  if (history.length === 0) return <Empty title={t.noHistory} hint={t.noHistoryHint} />;
  return (
    <>
      <List disablePadding>
        {history.map((entry) => (
          <ListItem key={entry.sql} disablePadding sx={{ borderBottom: 1, borderColor: "divider" }}>
            <ListItemButton
              onClick={() => onUse(entry.sql)}
              sx={{ display: "flex", gap: 2, borderRadius: 0 }}
            >
              <Box
                sx={{
                  flex: 1,
                  ...CODE,
                  fontSize: "0.75rem",
                  overflow: "hidden",
                  textOverflow: "ellipsis",
                  whiteSpace: "nowrap",
                }}
              >
                {entry.sql.replace(/\s+/g, " ")}
              </Box>
              <Typography variant="caption" color="textSecondary" noWrap>
                {plural(entry.rows, "row")} · {milliseconds(entry.milliseconds)} · <Ago at={entry.at} />
              </Typography>
            </ListItemButton>
          </ListItem>
        ))}
      </List>
      <Button onClick={onForget} sx={{ m: 1 }}>
        {t.clearHistory}
      </Button>
    </>
  );
}
