import AddIcon from "@mui/icons-material/Add";
import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Link from "@mui/material/Link";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link as RouterLink } from "react-router";
import { conditionsQuery, rulesQuery, useRemoveRule } from "../../api/queries/alerting";
import type { Schemas } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { words } from "../../shared/lib/status";
import { alertingTexts as t, alertTexts } from "../../shared/texts/alerts";
import { Confirm } from "../../shared/ui/Confirm";
import { Panel } from "../../shared/ui/Panel";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Empty, Loaded } from "../../shared/ui/States";
import { RuleEditor } from "./RuleEditor";
import { emptyDraft, readDraft } from "./rule-draft";
import { Severity } from "../../shared/alerts/Severity";

type Rule = Schemas["AlertRule"];

const NEW = "+";

/** What is watched; a rule is opened by its name in the address. */
export function RulesPanel(): React.ReactElement {
  const [{ rule }, setState] = useUrlState({ rule: "" });
  const query = useQuery(rulesQuery());
  const conditions = useQuery(conditionsQuery());
  const close = (): void => setState({ rule: "" });
  return (
    <Panel
      title={alertTexts.tabs["rules"] ?? ""}
      flush
      aside={
        <RoleButton needs="editor" startIcon={<AddIcon />} onClick={() => setState({ rule: NEW })}>
          {t.newRule}
        </RoleButton>
      }
    >
      <Loaded query={query} isEmpty={(data) => data.length === 0} empty={<Empty title={t.noRules} />}>
        {(rules) => {
          const chosen = rules.find(({ name }) => name === rule);
          return (
            <>
              <Rules rules={rules} />
              {conditions.data && (rule === NEW || chosen) ? (
                <RuleEditor
                  key={rule}
                  title={chosen ? t.editRule(chosen.name) : t.newRule}
                  initial={chosen ? readDraft(chosen) : emptyDraft()}
                  isNew={!chosen}
                  conditions={conditions.data}
                  onClose={close}
                />
              ) : null}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Rules({ rules }: { rules: readonly Rule[] }): React.ReactElement {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={alertTexts.tabs["rules"]} sx={{ minWidth: 620 }}>
        <TableHead>
          <TableRow>
            {[t.name, t.kind, t.tables, t.severity, t.threshold, t.origin, ""].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rules.map((rule) => (
            <Row key={rule.name} rule={rule} />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function Row({ rule }: { rule: Rule }): React.ReactElement {
  const [confirm, setConfirm] = useState(false);
  const remove = useRemoveRule();
  const toast = useToast();
  const { document, name, enabled } = rule;
  const side = "above" in document ? "above" : "below" in document ? "below" : null;
  return (
    <TableRow hover>
      <TableCell>
        <Link
          component={RouterLink}
          to={`/alerts/rules?rule=${encodeURIComponent(name)}`}
          sx={{ fontWeight: 580 }}
        >
          {name}
        </Link>
        {enabled ? null : ` (${t.disabled})`}
      </TableCell>
      <TableCell>{words(rule.kind)}</TableCell>
      <TableCell sx={{ overflowWrap: "anywhere" }}>
        {typeof document["tables"] === "string" ? document["tables"] : "*"}
      </TableCell>
      <TableCell>
        <Severity of={String(document["severity"])} />
      </TableCell>
      <TableCell sx={{ whiteSpace: "nowrap" }}>
        {side === null ? "–" : `${side} ${String(document[side])}`}
      </TableCell>
      <TableCell>{rule.origin}</TableCell>
      <TableCell align="right">
        <RoleButton needs="editor" color="error" onClick={() => setConfirm(true)}>
          {t.remove}
        </RoleButton>
        <Confirm
          open={confirm}
          title={t.removeRule(name)}
          text={t.removeRuleText}
          action={t.remove}
          busy={remove.isPending}
          onClose={() => setConfirm(false)}
          onConfirm={() => remove.mutate(name, { onError: toast.failed, onSettled: () => setConfirm(false) })}
        />
      </TableCell>
    </TableRow>
  );
}
