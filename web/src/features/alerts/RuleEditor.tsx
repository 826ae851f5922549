import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useId, useState } from "react";
import { usePutRule } from "../../api/queries/alerting";
import type { Schemas } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { useWide } from "../../shared/hooks/use-wide";
import { words } from "../../shared/lib/status";
import { alertingTexts as t, alertTexts } from "../../shared/texts/alerts";
import { common } from "../../shared/texts/common";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Select } from "../../shared/ui/Select";
import { ErrorState } from "../../shared/ui/States";
import { DryRun } from "./DryRun";
import { SEVERITY_ORDER, severityLook } from "../../shared/alerts/looks";
import { sideOf, writeDraft, type Draft } from "./rule-draft";

interface RuleEditorProps {
  title: string;
  initial: Draft;
  isNew: boolean;
  conditions: readonly Schemas["Condition"][];
  onClose: () => void;
}

/** A rule, and what it would have done before it is saved. */
export function RuleEditor({
  title,
  initial,
  isNew,
  conditions,
  onClose,
}: RuleEditorProps): React.ReactElement | null {
  const id = useId();
  const wide = useWide();
  const [draft, setDraft] = useState(initial);
  const put = usePutRule();
  const toast = useToast();
  const condition = conditions.find(({ kind }) => kind === draft.kind);
  const about = condition?.about ?? "table";
  const rule = writeDraft(draft, about);
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  return (
    <Dialog open onClose={onClose} maxWidth="md" fullWidth fullScreen={!wide} aria-labelledby={id}>
      <DialogTitle id={id} variant="h2" component="h2">
        {title}
      </DialogTitle>
      <DialogContent>
        <Box
          component="form"
          id={`${id}-form`}
          sx={{ display: "grid", gap: 2, pt: 1 }}
          onSubmit={(event: React.SyntheticEvent) => {
            event.preventDefault();
            put.mutate(rule, {
              onSuccess: () => {
                toast.done(t.saved(rule.name));
                onClose();
              },
            });
          }}
        >
          <Box sx={FIELDS}>
            <TextField
              label={t.name}
              value={draft.name}
              required
              disabled={!isNew}
              onChange={(event) => set({ name: event.target.value })}
            />
            <Select
              label={t.kind}
              value={draft.kind}
              options={conditions.map(({ kind }) => [kind, words(kind)])}
              onChange={(kind) => set({ kind })}
            />
            <Select
              label={t.severity}
              value={draft.severity}
              options={[
                ["", t.usualSeverity(severityLook(condition?.severity).label)] as const,
                ...SEVERITY_ORDER.map((each) => [each, severityLook(each).label] as const),
              ]}
              onChange={(severity) => set({ severity })}
            />
          </Box>
          {condition ? (
            <Typography variant="body2" color="textSecondary">
              {condition.summary}
            </Typography>
          ) : null}
          {about === "table" ? (
            <TextField
              label={t.tables}
              value={draft.tables}
              helperText={t.tablesHelp}
              onChange={(event) => set({ tables: event.target.value })}
            />
          ) : null}
          {about === "query" ? (
            <TextField
              label={t.query}
              value={draft.query}
              required
              multiline
              minRows={3}
              slotProps={{ htmlInput: { style: { fontFamily: "var(--mono, monospace)" } } }}
              onChange={(event) => set({ query: event.target.value })}
            />
          ) : null}
          <Threshold draft={draft} condition={condition} onChange={set} />
          <Box sx={FIELDS}>
            <TextField
              label={t.channels}
              value={draft.channels}
              helperText={t.channelsHelp}
              onChange={(event) => set({ channels: event.target.value })}
            />
            <TextField
              label={t.runbookField}
              value={draft.runbook}
              onChange={(event) => set({ runbook: event.target.value })}
            />
            <FormControlLabel
              control={<Switch checked={draft.enabled} onChange={(_, enabled) => set({ enabled })} />}
              label={t.enabled}
            />
          </Box>
          {put.error ? <ErrorState error={put.error} /> : null}
        </Box>
        <DryRun rule={rule} />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button color="inherit" onClick={onClose}>
          {common.cancel}
        </Button>
        <RoleButton
          needs="editor"
          type="submit"
          form={`${id}-form`}
          variant="contained"
          loading={put.isPending}
        >
          {t.save}
        </RoleButton>
      </DialogActions>
    </Dialog>
  );
}

interface ThresholdProps {
  draft: Draft;
  condition: Schemas["Condition"] | undefined;
  onChange: (change: Partial<Draft>) => void;
}

function Threshold({ draft, condition, onChange }: ThresholdProps): React.ReactElement {
  const usual = condition
    ? `${condition.direction} ${condition.threshold} ${condition.unit}`
    : alertTexts.any;
  const number = (key: "threshold" | "clear" | "pending" | "keep", label: string, hidden = false) =>
    hidden ? null : (
      <TextField
        label={label}
        value={draft[key]}
        type="number"
        slotProps={{ htmlInput: { step: "any" } }}
        required={key === "threshold"}
        onChange={(event) => onChange({ [key]: event.target.value })}
      />
    );
  return (
    <Box sx={FIELDS}>
      <Select
        label={t.side}
        value={draft.side}
        options={[
          ["usual", usual],
          ["above", t.aboveWord],
          ["below", t.belowWord],
        ]}
        onChange={(side) => onChange({ side: sideOf(side) })}
      />
      {number("threshold", `${t.threshold} (${condition?.unit ?? ""})`, draft.side === "usual")}
      {number("clear", t.clear, draft.side === "usual")}
      {number("pending", t.pending)}
      {number("keep", t.keep)}
    </Box>
  );
}

const FIELDS = {
  display: "grid",
  gap: 2,
  gridTemplateColumns: "repeat(auto-fit, minmax(min(180px, 100%), 1fr))",
} as const;
