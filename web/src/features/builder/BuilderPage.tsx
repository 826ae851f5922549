import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { completionsQuery, useExplainDraft, validationQuery } from "../../api/queries/builder";
import { useCreateTable } from "../../api/queries/tables";
import type { Schemas } from "../../api/types";
import { useDebounced } from "../../shared/hooks/use-debounced";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { splitName, tablePath } from "../../shared/lib/paths";
import { SqlEditor, type EditorProblem, type SqlEditorHandle } from "../../shared/sql/SqlEditor";
import { builderTexts as t } from "../../shared/texts/builder";
import { Confirm } from "../../shared/ui/Confirm";
import { Kbd } from "../../shared/ui/Kbd";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { RoleButton } from "../../shared/ui/RoleButton";
import { ErrorState } from "../../shared/ui/States";
import { OptionsBar } from "./OptionsBar";
import { ResultPanel } from "./ResultPanel";
import { isQuery } from "./statement";
import { TemplateButton } from "./TemplateButton";
import { useDraft } from "./use-draft";
import { WrapQuery } from "./WrapQuery";

/** Where the errors of a statement stand in the text. */
function problemsOf(validation: Schemas["Validation"] | undefined): EditorProblem[] {
  return (validation?.problems ?? []).map(({ title, hint, detail, span }) => ({
    message: [title, detail, hint].filter(Boolean).join("\n"),
    from: span?.start ?? 0,
    to: span?.end ?? 1,
    severity: "error",
  }));
}

/** Write a definition, and see what it will be before it is. */
export function BuilderPage(): React.ReactElement {
  const { sql, setSql, editing } = useDraft();
  const settled = useDebounced(sql, 350);
  const validation = useQuery(validationQuery(settled));
  const names = useQuery(completionsQuery());
  const explain = useExplainDraft();
  const [{ tab }, setState] = useUrlState({ tab: "verdict" });
  const [changedRows, setChangedRows] = useState(1_000);
  const editor = useRef<SqlEditorHandle>(null);
  const judged = settled === "" ? undefined : validation.data;
  const problems = useMemo(() => problemsOf(judged), [judged]);
  // An explanation is of the text it was made of.
  const explanation = explain.variables?.sql === sql ? explain.data : undefined;

  function tryOut(rows = changedRows): void {
    if (sql.trim() === "") return;
    setChangedRows(rows);
    if (tab === "verdict") setState({ tab: "test" });
    explain.mutate({ sql, changedRows: rows });
  }

  return (
    <Page
      title={t.title}
      subtitle={editing ? t.editing(editing) : t.subtitle}
      fill
      actions={
        <>
          <TemplateButton onUse={setSql} />
          <RoleButton
            needs="editor"
            variant="outlined"
            onClick={() => tryOut()}
            loading={explain.isPending}
            disabled={sql.trim() === ""}
          >
            {t.explain}
            <Box component="span" sx={{ ml: 1, display: { xs: "none", md: "inline" } }}>
              <Kbd>{t.explainKeys}</Kbd>
            </Box>
          </RoleButton>
          <CreateButton sql={sql} validation={settled === sql ? judged : undefined} />
        </>
      }
    >
      <Box sx={COLUMNS}>
        <Box sx={COLUMN}>
          <OptionsBar sql={sql} onChange={setSql} />
          {isQuery(sql) ? <WrapQuery sql={sql} onChange={setSql} /> : null}
          <Panel flush sx={{ flex: { lg: 1 }, height: { xs: 340, lg: "auto" }, minHeight: 320 }}>
            <SqlEditor
              ref={editor}
              label={t.editor}
              value={sql}
              onChange={setSql}
              onRun={() => tryOut()}
              names={names.data}
              problems={problems}
              hint={t.hint}
            />
          </Panel>
        </Box>
        <ResultPanel
          tab={tab}
          onTab={(next) => setState({ tab: next })}
          sql={settled}
          validation={judged}
          checking={validation.isFetching || settled !== sql}
          error={validation.error}
          explanation={explanation}
          explaining={explain.isPending}
          explainError={explain.variables?.sql === sql ? explain.error : null}
          changedRows={changedRows}
          onChangedRows={tryOut}
          onGoTo={(line, column) => editor.current?.goTo(offsetOf(sql, line, column))}
        />
      </Box>
    </Page>
  );
}

function offsetOf(sql: string, line: number, column: number): number {
  const lines = sql.split("\n").slice(0, line - 1);
  return lines.reduce((sum, each) => sum + each.length + 1, 0) + Math.max(0, column - 1);
}

interface CreateButtonProps {
  sql: string;
  validation: Schemas["Validation"] | undefined;
}

function CreateButton({ sql, validation }: CreateButtonProps): React.ReactElement {
  const create = useCreateTable();
  const toast = useToast();
  const navigate = useNavigate();
  const [confirm, setConfirm] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const name = validation?.name ?? "";

  function run(): void {
    setConfirm(false);
    create.mutate(sql, {
      onSuccess: () => {
        toast.done(t.created(name));
        void navigate(tablePath(splitName(name)));
      },
      onError: setFailed,
    });
  }

  return (
    <>
      <RoleButton
        needs="editor"
        variant="contained"
        disabled={validation?.valid !== true}
        loading={create.isPending}
        onClick={() => (validation?.exists ? setConfirm(true) : run())}
      >
        {validation?.exists ? t.replace : t.create}
      </RoleButton>
      {create.isPending ? (
        <Typography variant="caption" role="status" color="textSecondary">
          {t.creating}
        </Typography>
      ) : null}
      <Confirm
        open={confirm}
        title={t.replaceTitle(name)}
        text={t.replaceText}
        action={t.replace}
        onClose={() => setConfirm(false)}
        onConfirm={run}
      />
      {failed ? (
        <Box sx={{ width: 1 }}>
          <ErrorState error={failed} />
        </Box>
      ) : null}
    </>
  );
}

const COLUMNS = {
  flex: { xs: "none", lg: 1 },
  minHeight: { xs: "auto", lg: 0 },
  display: "grid",
  gap: 2,
  gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 1.15fr) minmax(0, 1fr)" },
} as const;
const COLUMN = {
  display: "flex",
  flexDirection: "column",
  gap: 1.5,
  minWidth: 0,
  minHeight: { lg: 0 },
} as const;
