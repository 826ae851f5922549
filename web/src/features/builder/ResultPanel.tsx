import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { Schemas } from "../../api/types";
import { PlanView } from "../../shared/plan/PlanView";
import { builderTexts as t } from "../../shared/texts/builder";
import { Panel } from "../../shared/ui/Panel";
import { Empty, ErrorState } from "../../shared/ui/States";
import { ChangeView } from "./ChangeView";
import { TestRun } from "./TestRun";
import { VerdictView } from "./VerdictView";

export interface ResultPanelProps {
  tab: string;
  onTab: (tab: string) => void;
  sql: string;
  validation: Schemas["Validation"] | undefined;
  checking: boolean;
  error: unknown;
  explanation: Schemas["DraftExplanation"] | undefined;
  explaining: boolean;
  explainError: unknown;
  changedRows: number;
  onChangedRows: (rows: number) => void;
  onGoTo: (line: number, column: number) => void;
}

/** Beside the editor: the verdict, the plan, the test run, the difference. */
export function ResultPanel(props: ResultPanelProps): React.ReactElement {
  const { tab, onTab, checking, explaining } = props;
  const current = tab in t.tabs ? tab : "verdict";
  return (
    <Panel flush sx={{ minHeight: 320, overflow: "hidden" }}>
      <Box sx={{ display: "flex", flexDirection: "column", height: 1 }}>
        <Tabs
          value={current}
          onChange={(_, next: string) => onTab(next)}
          variant="scrollable"
          sx={{ px: 1, borderBottom: 1, borderColor: "divider", flex: "none" }}
        >
          {Object.entries(t.tabs).map(([key, label]) => (
            <Tab
              key={key}
              value={key}
              label={label}
              id={`builder-tab-${key}`}
              aria-controls="builder-panel"
            />
          ))}
        </Tabs>
        <Box sx={{ height: 2, flex: "none" }}>
          {checking || explaining ? <LinearProgress sx={{ height: 2 }} aria-label={t.checking} /> : null}
        </Box>
        <Box
          role="tabpanel"
          id="builder-panel"
          aria-labelledby={`builder-tab-${current}`}
          tabIndex={0}
          sx={BODY}
        >
          <Body {...props} tab={current} />
        </Box>
      </Box>
    </Panel>
  );
}

function Body(props: ResultPanelProps): React.ReactElement {
  const { tab, sql, validation, error, explanation, explainError } = props;
  if (sql.trim() === "") return <Empty title={t.nothing} hint={t.nothingHint} />;
  if (tab === "verdict") {
    if (error) return <ErrorState error={error} />;
    return validation ? (
      <VerdictView validation={validation} onGoTo={props.onGoTo} />
    ) : (
      <Empty title={t.checking} />
    );
  }
  if (explainError) return <ErrorState error={explainError} />;
  if (explanation === undefined) return <Empty title={t.askExplain} hint={t.askExplainHint} />;
  if (tab === "plan") {
    return explanation.plan?.tree ? (
      <PlanView plan={explanation.plan} />
    ) : (
      <Empty title={t.noPlan} hint={t.noPlanHint} />
    );
  }
  if (tab === "change") return <ChangeView change={explanation.change} />;
  return (
    <TestRun explanation={explanation} changedRows={props.changedRows} onChangedRows={props.onChangedRows} />
  );
}

const BODY = { flex: 1, minHeight: 0, overflow: "auto", p: 2 } as const;
