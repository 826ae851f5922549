import AddIcon from "@mui/icons-material/Add";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { rulesQuery, useCheckTable } from "../../api/queries/quality";
import type { TableName } from "../../api/queries/tables";
import { useToast } from "../hooks/use-toast";
import { useUrlState } from "../hooks/use-url-state";
import { ruleFormPath } from "../lib/paths";
import { qualityTexts as t } from "../texts/quality";
import { Panel } from "../ui/Panel";
import { RoleButton } from "../ui/RoleButton";
import { Empty, Loaded, Loading } from "../ui/States";
import { RuleList } from "./RuleList";
import { RulePanel } from "./RulePanel";
import { Suggestions } from "./Suggestions";

const ScoreHistory = lazy(() => import("./ScoreHistory").then((m) => ({ default: m.ScoreHistory })));
const Comparison = lazy(() => import("./Comparison").then((m) => ({ default: m.Comparison })));

/** The rules of one table, what they found, and what fails them. */
export function QualityView({ table }: { table: TableName }): React.ReactElement {
  const rules = useQuery(rulesQuery(table));
  const [{ rule, suggest }, setState] = useUrlState({ rule: "", suggest: "" });
  const open = rules.data?.find(({ name }) => name === rule);
  const any = (rules.data?.length ?? 0) > 0;
  return (
    <>
      <Panel
        title={t.rules}
        flush
        aside={<Actions table={table} any={any} onSuggest={() => setState({ suggest: "show" })} />}
      >
        <Loaded
          query={rules}
          lines={6}
          isEmpty={(data) => data.length === 0}
          empty={<Empty title={t.noRules} hint={t.noRulesHint} />}
        >
          {(data) => <RuleList rules={data} selected={rule} onOpen={(name) => setState({ rule: name })} />}
        </Loaded>
      </Panel>
      {open ? <RulePanel key={open.name} rule={open} onClose={() => setState({ rule: null })} /> : null}
      {suggest === "" ? null : <Suggestions table={table} onClose={() => setState({ suggest: null })} />}
      {any ? (
        <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
          <Suspense fallback={<Loading lines={5} />}>
            <ScoreHistory table={table} />
            <Comparison table={table} />
          </Suspense>
        </Box>
      ) : null}
    </>
  );
}

function Actions({
  table,
  any,
  onSuggest,
}: {
  table: TableName;
  any: boolean;
  onSuggest: () => void;
}): React.ReactElement {
  const check = useCheckTable();
  const toast = useToast();
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, justifyContent: "flex-end" }}>
      <RoleButton needs="editor" onClick={onSuggest}>
        {t.suggest}
      </RoleButton>
      <RoleButton
        needs="operator"
        disabled={!any}
        loading={check.isPending}
        onClick={() =>
          check.mutate(table, { onSuccess: () => toast.done(t.checked(table.name)), onError: toast.failed })
        }
      >
        {t.check}
      </RoleButton>
      <Button component={Link} to={ruleFormPath(table)} variant="contained" startIcon={<AddIcon />}>
        {t.newRule}
      </Button>
    </Box>
  );
}
