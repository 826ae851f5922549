import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { completionsQuery } from "../../api/queries/builder";
import {
  ruleSqlQuery,
  usePreviewRule,
  useSaveRule,
  type QualityKind,
  type RuleDraft,
} from "../../api/queries/quality";
import { useDebounced } from "../../shared/hooks/use-debounced";
import { useToast } from "../../shared/hooks/use-toast";
import { qualityPath, splitName } from "../../shared/lib/paths";
import { ruleTexts as t } from "../../shared/texts/quality";
import { Panel } from "../../shared/ui/Panel";
import { RoleButton } from "../../shared/ui/RoleButton";
import { SqlBlock } from "../../shared/ui/SqlBlock";
import { ErrorState } from "../../shared/ui/States";
import { ArgumentFields } from "./ArgumentFields";
import { PreviewResult } from "./PreviewResult";
import { draftOf, isComplete, type RuleFormState } from "./rule-form";
import { SubjectFields } from "./SubjectFields";
import { TermFields } from "./TermFields";

interface RuleFormProps {
  kinds: readonly QualityKind[];
  initial: RuleFormState;
  replaces: boolean;
}

/** The form, its statement, and what the rule would find. */
export function RuleForm({ kinds, initial, replaces }: RuleFormProps): React.ReactElement {
  const [form, setForm] = useState(initial);
  const completions = useQuery(completionsQuery());
  const kind = kinds.find(({ name }) => name === form.kind);
  const { schema_name, name } = splitName(form.table);
  const columns =
    completions.data?.schemas
      .find((schema) => schema.name === schema_name)
      ?.tables.find((table) => table.name === name)?.columns ?? [];
  const set = (part: Partial<RuleFormState>): void => setForm((old) => ({ ...old, ...part }));
  const draft = isComplete(kind, form) ? draftOf(kind, form) : null;
  return (
    <Box sx={COLUMNS}>
      <Panel>
        <Box component="form" sx={FIELDS} onSubmit={(event: React.SyntheticEvent) => event.preventDefault()}>
          <SubjectFields
            kinds={kinds}
            form={form}
            completions={completions.data}
            fixed={replaces}
            onChange={set}
          />
          {kind ? (
            <ArgumentFields
              kind={kind}
              values={form.values}
              columns={columns}
              onChange={(values) => set({ values })}
            />
          ) : null}
          <TermFields form={form} kind={kind} onChange={set} />
        </Box>
      </Panel>
      <Outcome draft={draft} replaces={replaces} />
    </Box>
  );
}

function Outcome({ draft, replaces }: { draft: RuleDraft | null; replaces: boolean }): React.ReactElement {
  const preview = usePreviewRule();
  const save = useSaveRule();
  const toast = useToast();
  const navigate = useNavigate();
  const now = JSON.stringify(draft);
  const settled = useDebounced(now, 300);
  const sql = useQuery(ruleSqlQuery(draft ?? EMPTY, draft !== null && settled === now));
  const tried = JSON.stringify(preview.variables) === now ? preview : null;
  const wrong = tried?.error ?? save.error ?? (draft === null ? null : sql.error);

  function store(): void {
    if (draft === null) return;
    const table = { schema_name: draft.schema_name, name: draft.table_name };
    save.mutate(
      { ...draft, or_replace: replaces },
      {
        onSuccess: ({ name }) => {
          toast.done(t.saved(name));
          void navigate(qualityPath(table, name));
        },
      },
    );
  }

  return (
    <Panel title={t.statement}>
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
        {draft !== null && sql.data ? (
          <SqlBlock sql={sql.data.sql} label={t.statement} />
        ) : (
          <Typography variant="body2" color="textSecondary">
            {t.incomplete}
          </Typography>
        )}
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
          <RoleButton
            needs="editor"
            variant="outlined"
            disabled={draft === null}
            loading={preview.isPending}
            onClick={() => draft && preview.mutate(draft)}
          >
            {t.tryIt}
          </RoleButton>
          <RoleButton
            needs="editor"
            variant="contained"
            disabled={draft === null}
            loading={save.isPending}
            onClick={store}
          >
            {t.save}
          </RoleButton>
        </Box>
        {wrong ? <ErrorState error={wrong} /> : null}
        {tried?.data ? <PreviewResult preview={tried.data} /> : null}
      </Box>
    </Panel>
  );
}

const EMPTY: RuleDraft = {
  schema_name: "",
  table_name: "",
  name: "",
  kind: "",
  arguments: [],
  tolerance_percent: false,
};
const COLUMNS = {
  display: "grid",
  gap: 2,
  alignItems: "start",
  gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 440px) minmax(0, 1fr)" },
} as const;
const FIELDS = { display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" } as const;
