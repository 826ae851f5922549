import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import StopIcon from "@mui/icons-material/Stop";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { meQuery } from "../../api/queries/auth";
import { completionsQuery } from "../../api/queries/builder";
import { csvQuery, explainQuery } from "../../api/queries/console";
import { ApiError } from "../../api/problem";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { download } from "../../shared/lib/download";
import { SqlEditor, type EditorProblem, type SqlEditorHandle } from "../../shared/sql/SqlEditor";
import { consoleTexts as t } from "../../shared/texts/console";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Select } from "../../shared/ui/Select";
import { ConsoleResults } from "./ConsoleResults";
import { forget, readHistory, remember } from "./history";
import { useRun, type RunState } from "./use-run";

const KEPT = "dyntables.console";
const LIMITS = ["100", "1000", "10000", "100000"] as const;

/** An error of the server, in its place in the text that was run. */
function problemsOf({ error, sql }: RunState, text: string): EditorProblem[] {
  const span = error instanceof ApiError ? error.span : null;
  const start = text.indexOf(sql);
  if (span === null || start < 0 || !(error instanceof ApiError)) return [];
  return [{ message: error.message, from: start + span.start, to: start + span.end, severity: "error" }];
}

/** A worksheet for statements that read. */
export function ConsolePage(): React.ReactElement {
  const [{ sql: linked, limit, tab }, setState] = useUrlState({ sql: "", limit: "1000", tab: "results" });
  const [sql, setSql] = useState(linked || (localStorage.getItem(KEPT) ?? ""));
  const [history, setHistory] = useState(readHistory);
  const names = useQuery(completionsQuery());
  const refused = useQuery(meQuery()).data?.console_refused ?? null;
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
    run(statement, Number(limit));
  }

  function startExplain(analyze: boolean): void {
    const statement = selected();
    if (statement === "") return;
    show("plan");
    explain.mutate({ sql: statement, analyze });
  }

  async function exportCsv(): Promise<void> {
    try {
      const file = await csvQuery({
        id: crypto.randomUUID(),
        sql: selected(),
        limit: 1_000_000,
        signal: new AbortController().signal,
      });
      download("result.csv", file);
    } catch (error) {
      toast.failed(error);
    }
  }

  async function share(): Promise<void> {
    const address = `${location.origin}/console?${new URLSearchParams({ sql }).toString()}`;
    await navigator.clipboard.writeText(address);
    toast.done(t.shared);
  }

  return (
    <Page
      title={t.title}
      subtitle={t.subtitle}
      fill
      actions={
        <>
          <Select
            label={t.limit}
            value={limit}
            options={LIMITS.map((each) => [each, Number(each).toLocaleString("en")])}
            onChange={(next) => setState({ limit: next })}
            width={104}
          />
          <Button variant="outlined" onClick={() => void share()} disabled={sql === ""}>
            {t.share}
          </Button>
          <Button variant="outlined" onClick={() => void exportCsv()} disabled={idle} title={t.csvHint}>
            {t.csv}
          </Button>
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
