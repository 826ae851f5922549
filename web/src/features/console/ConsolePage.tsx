import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import StopIcon from "@mui/icons-material/Stop";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { meQuery } from "../../api/queries/auth";
import { completionsQuery } from "../../api/queries/builder";
import { explainQuery } from "../../api/queries/console";
import { ApiError } from "../../api/problem";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { count } from "../../shared/lib/format";
import { SqlEditor, type EditorProblem, type SqlEditorHandle } from "../../shared/sql/SqlEditor";
import { consoleTexts as t } from "../../shared/texts/console";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Select } from "../../shared/ui/Select";
import { ConsoleResults } from "./ConsoleResults";
import { ExportButton } from "./ExportButton";
import { forget, readHistory, remember } from "./history";
import { limitOf, limitsUpTo } from "./limits";
import { useRun, type RunState } from "./use-run";

const KEPT = "dyntables.console";

/** An error of the server, in its place in the text that was run. */
function problemsOf({ error, sql }: RunState, text: string): EditorProblem[] {
  const span = error instanceof ApiError ? error.span : null;
  const start = text.indexOf(sql);
  if (span === null || start < 0 || !(error instanceof ApiError)) return [];
  return [{ message: error.message, from: start + span.start, to: start + span.end, severity: "error" }];
}

/** A worksheet for statements that read. */
export function ConsolePage(): React.ReactElement {
  const [{ sql: linked, limit: asked, tab }, setState] = useUrlState({
    sql: "",
    limit: "1000",
    tab: "results",
  });
  const [sql, setSql] = useState(linked || (localStorage.getItem(KEPT) ?? ""));
  const [history, setHistory] = useState(readHistory);
  const names = useQuery(completionsQuery());
  const me = useQuery(meQuery()).data;
  const refused = me?.console_refused ?? null;
  const most = me?.console_rows ?? 1_000;
  const limit = limitOf(asked, most);
  const idle = sql.trim() === "" || refused !== null;
  const explain = useMutation({
    mutationFn: (input: { sql: string; analyze: boolean }) => explainQuery(input.sql, input.analyze),
  });
  const editor = useRef<SqlEditorHandle>(null);
  const toast = useToast();
  const { state, run, cancel } = useRun(
    useCallback((done) => setHistory(remember({ ...done, at: new Date().toISOString() })), []),
  );
  useEffect(() => {
    localStorage.setItem(KEPT, sql);
  }, [sql]);

  const selected = (): string => (editor.current?.selection() ?? sql).trim();
  const show = (next: string): void => setState({ tab: next, sql: null });

  function start(): void {
    const statement = selected();
    if (statement === "" || refused !== null) return;
    show("results");
    run(statement, limit);
  }

  function startExplain(analyze: boolean): void {
    const statement = selected();
    if (statement === "") return;
    show("plan");
    explain.mutate({ sql: statement, analyze });
  }

  async function share(): Promise<void> {
    const address = `${location.origin}/console?${new URLSearchParams({ sql }).toString()}`;
    await navigator.clipboard.writeText(address);
    toast.done(t.shared);
  }

  return (
    <Page
      title={t.title}
      subtitle={t.subtitle(count(most), me?.console_seconds ?? 0)}
      fill
      actions={
        <>
          <Select
            label={t.limit}
            value={String(limit)}
            options={limitsUpTo(most).map((each) => [String(each), count(each)])}
            onChange={(next) => setState({ limit: next })}
            width={104}
          />
          <Button variant="outlined" onClick={() => void share()} disabled={sql === ""}>
            {t.share}
          </Button>
          <ExportButton sql={selected} disabled={idle} seconds={me?.console_seconds ?? 0} />
          <Button variant="outlined" onClick={() => startExplain(false)} disabled={idle}>
            {t.explain}
          </Button>
          <Button variant="outlined" onClick={() => startExplain(true)} disabled={idle}>
            {t.analyze}
          </Button>
          {state.status === "running" ? (
            <Button variant="contained" color="error" startIcon={<StopIcon />} onClick={cancel}>
              {t.cancel}
            </Button>
          ) : (
            <Button variant="contained" startIcon={<PlayArrowIcon />} onClick={start} disabled={idle}>
              {t.run}
            </Button>
          )}
        </>
      }
    >
      {refused === null ? null : (
        <Alert severity="info" variant="outlined" sx={{ mb: 2 }}>
          {refused}
        </Alert>
      )}
      <Box sx={ROWS}>
        <Panel flush sx={{ minHeight: 160 }}>
          <SqlEditor
            ref={editor}
            label={t.editor}
            value={sql}
            onChange={setSql}
            onRun={start}
            names={names.data}
            problems={problemsOf(state, sql)}
            hint={t.hint}
          />
        </Panel>
        <ConsoleResults
          tab={tab}
          onTab={show}
          run={state}
          plan={explain.data}
          planError={explain.error}
          planning={explain.isPending}
          history={history}
          onUse={(entry) => {
            setSql(entry);
            show("results");
          }}
          onForget={() => setHistory(forget())}
        />
      </Box>
    </Page>
  );
}

const ROWS = {
  flex: 1,
  minHeight: 0,
  display: "grid",
  gap: 2,
  gridTemplateColumns: "minmax(0, 1fr)",
  gridTemplateRows: { xs: "240px minmax(320px, 1fr)", md: "minmax(160px, 2fr) minmax(220px, 3fr)" },
} as const;
