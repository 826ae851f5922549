import CloseIcon from "@mui/icons-material/Close";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { useState } from "react";
import { Link } from "react-router";
import { useDropRule, useEnableRule, type QualityRule } from "../../api/queries/quality";
import { useToast } from "../hooks/use-toast";
import { CODE } from "../lib/fonts";
import { milliseconds } from "../lib/format";
import { ruleFormPath } from "../lib/paths";
import { words } from "../lib/status";
import { qualityTexts as t, violationChoices } from "../texts/quality";
import { Confirm } from "../ui/Confirm";
import { Facts } from "../ui/Facts";
import { Panel } from "../ui/Panel";
import { RoleButton } from "../ui/RoleButton";
import { RuleHistory } from "./RuleHistory";
import { RuleStateLabel } from "./RuleList";
import { ViolationRows } from "./ViolationRows";

/** One rule: what it says, what fails it now, and what checks of it found. */
export function RulePanel({ rule, onClose }: { rule: QualityRule; onClose: () => void }): React.ReactElement {
  const named = { schema_name: rule.schema_name, name: rule.table_name, rule: rule.name };
  const failed = rule.result?.state === "FAILED" || (rule.result?.failed ?? 0) > 0;
  return (
    <Panel
      title={rule.name}
      aside={
        <IconButton aria-label={t.close} onClick={onClose}>
          <CloseIcon fontSize="small" />
        </IconButton>
      }
      sx={{ "& h2": { overflowWrap: "anywhere" } }}
    >
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
        {rule.result?.error ? (
          <Alert severity="warning" variant="outlined">
            {rule.result.error}
          </Alert>
        ) : null}
        <RuleActions rule={rule} onClose={onClose} />
        <Facts items={facts(rule)} />
        {failed ? <ViolationRows rule={named} /> : null}
        <RuleHistory rule={named} />
      </Box>
    </Panel>
  );
}

function facts(rule: QualityRule): (readonly [string, React.ReactNode])[] {
  const unit = rule.tolerance_percent ? "%" : " rows";
  const action = violationChoices.find(([value]) => value === rule.on_violation)?.[1];
  const code = { ...CODE, fontSize: "0.75rem" } as const;
  return [
    [t.colState, <RuleStateLabel key="state" rule={rule} />],
    [
      t.definition,
      <Box key="definition" component="span" sx={code}>
        {rule.definition}
      </Box>,
    ],
    [
      t.about,
      rule.where ? (
        <Box key="where" component="span" sx={code}>
          {rule.where}
        </Box>
      ) : (
        t.allRows
      ),
    ],
    [t.colSeverity, words(rule.severity)],
    [t.tolerance, rule.tolerance === 0 ? t.toleranceNone : `${rule.tolerance}${unit}`],
    [t.onViolation, action ?? words(rule.on_violation)],
    [t.evaluation, rule.evaluation === "INCREMENTAL" ? t.incremental : t.scan(rule.evaluation_reason ?? "–")],
    [t.took, milliseconds(rule.result?.duration_ms)],
    [t.owner, rule.owner],
    ...(rule.comment ? [["Comment", rule.comment] as const] : []),
  ];
}

function RuleActions({ rule, onClose }: { rule: QualityRule; onClose: () => void }): React.ReactElement {
  const named = { schema_name: rule.schema_name, name: rule.table_name, rule: rule.name };
  const enable = useEnableRule();
  const drop = useDropRule();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", ml: -1 }}>
      <Button component={Link} to={ruleFormPath(named, rule.name)}>
        {t.edit}
      </Button>
      <RoleButton
        needs="editor"
        loading={enable.isPending}
        onClick={() => enable.mutate({ rule: named, enabled: !rule.enabled }, { onError: toast.failed })}
      >
        {rule.enabled ? t.suspend : t.resume}
      </RoleButton>
      <RoleButton needs="editor" color="error" onClick={() => setAsking(true)}>
        {t.drop}
      </RoleButton>
      <Confirm
        open={asking}
        title={t.dropTitle(rule.name)}
        text={t.dropText}
        action={t.drop}
        busy={drop.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          drop.mutate(named, {
            onSuccess: () => {
              toast.done(t.dropped(rule.name));
              onClose();
            },
            onError: toast.failed,
            onSettled: () => setAsking(false),
          })
        }
      />
    </Box>
  );
}
