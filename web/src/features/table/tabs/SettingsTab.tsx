import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import FormHelperText from "@mui/material/FormHelperText";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAlterTable } from "../../../api/queries/tables";
import type { Schemas, TableDetail } from "../../../api/types";
import { LagField } from "../../../shared/ui/LagField";
import { useToast } from "../../../shared/hooks/use-toast";
import { tablePath } from "../../../shared/lib/paths";
import { tableTexts as t } from "../../../shared/texts/table";
import { Facts } from "../../../shared/ui/Facts";
import { Panel } from "../../../shared/ui/Panel";
import { RoleButton } from "../../../shared/ui/RoleButton";
import { ErrorState } from "../../../shared/ui/States";
import type { TabProps } from "../TablePage";

interface Form {
  name: string;
  lag: string;
  comment: string;
  scheduled: boolean;
  options: Record<string, string>;
}

function formOf(table: TableDetail): Form {
  return {
    name: table.name,
    lag: table.target_lag,
    comment: table.comment ?? "",
    scheduled: table.scheduled,
    options: Object.fromEntries(
      Object.entries(table.settable).map(([option, value]) => [option, value ?? ""]),
    ),
  };
}

/** The options whose values differ; an empty one returns to its default. */
function changedOptions(before: Form, after: Form): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(after.options)
      .filter(([option, value]) => value.trim() !== before.options[option])
      .map(([option, value]) => [option, value.trim() === "" ? null : value.trim()]),
  );
}

/** Only what was changed is sent. */
export function changed(before: Form, after: Form): Partial<Schemas["AlterTable"]> {
  const options = changedOptions(before, after);
  return {
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(after.name === before.name ? {} : { new_name: after.name }),
    ...(after.lag === before.lag ? {} : { target_lag: after.lag }),
    ...(after.comment === before.comment ? {} : { comment: after.comment }),
    ...(after.scheduled === before.scheduled ? {} : { scheduled: after.scheduled }),
  };
}

/** What can be changed without a new definition. */
export function SettingsTab({ table }: TabProps): React.ReactElement {
  // The form keeps what is typed while the table goes on changing; a save makes a new one.
  return (
    <>
      <SettingsForm key={JSON.stringify(formOf(table))} table={table} />
      <Panel
        title={t.definitionSettings}
        aside={<Typography variant="caption">{t.definitionSettingsHint}</Typography>}
      >
        <Facts items={Object.entries(table.settings).sort()} />
      </Panel>
    </>
  );
}

function SettingsForm({ table }: TabProps): React.ReactElement {
  const before = formOf(table);
  const [form, setForm] = useState(before);
  const alter = useAlterTable();
  const toast = useToast();
  const navigate = useNavigate();
  const change = changed(before, form);
  // What changes more than lag, schedule and limits takes an editor.
  const needs =
    change.new_name !== undefined ||
    change.comment !== undefined ||
    "DATA_RETENTION_TIME_IN_DAYS" in (change.options ?? {})
      ? "editor"
      : "operator";
  const set = (part: Partial<Form>): void => setForm((old) => ({ ...old, ...part }));

  function save(event: React.SyntheticEvent): void {
    event.preventDefault();
    // The error is shown in the form.
    alter.mutateAsync({ table, change, etag: table.etag }).then(saved, () => undefined);
  }

  function saved(after: TableDetail): void {
    if (after.name !== table.name) void navigate(tablePath(after, "settings"));
    // A target lag takes the place of a schedule, and does not bring it back.
    if (table.schedule !== null && change.target_lag !== undefined) toast.done(t.saved);
    else toast.undoable(t.saved, () => takeBack(after));
  }

  async function takeBack(after: TableDetail): Promise<void> {
    const undo = changed(formOf(after), before);
    const back = await alter.mutateAsync({ table: after, change: undo, etag: after.etag });
    if (back.name !== after.name) void navigate(tablePath(back, "settings"));
  }

  return (
    <Panel title={t.tabs.settings}>
      <Box component="form" onSubmit={save} sx={{ display: "grid", gap: 2, maxWidth: 520, pt: 1 }}>
        <TextField
          label={t.rename}
          value={form.name}
          onChange={(event) => set({ name: event.target.value })}
          required
        />
        <LagField value={form.lag} onChange={(lag) => set({ lag })} />
        <TextField
          label={t.comment}
          value={form.comment}
          onChange={(event) => set({ comment: event.target.value })}
          multiline
          minRows={2}
        />
        <Box>
          <FormControlLabel
            control={
              <Switch
                checked={form.scheduled}
                onChange={(event) => set({ scheduled: event.target.checked })}
              />
            }
            label={t.scheduled}
          />
          <FormHelperText sx={{ mt: 0 }}>{t.scheduledHint}</FormHelperText>
        </Box>
        <Typography variant="h3" component="h3" sx={{ mt: 1 }}>
          {t.moreOptions}
        </Typography>
        {Object.entries(form.options).map(([option, value]) => (
          <TextField
            key={option}
            label={option}
            value={value}
            placeholder={t.optionDefault}
            helperText={t.optionHelp[option]}
            onChange={(event) => set({ options: { ...form.options, [option]: event.target.value } })}
            slotProps={{ inputLabel: { shrink: true } }}
          />
        ))}
        {alter.error ? <ErrorState error={alter.error} /> : null}
        {table.suspend_reason ? <Alert severity="warning">{table.suspend_reason}</Alert> : null}
        <Box>
          <RoleButton
            needs={needs}
            type="submit"
            variant="contained"
            disabled={Object.keys(change).length === 0}
            loading={alter.isPending}
          >
            {t.save}
          </RoleButton>
        </Box>
      </Box>
    </Panel>
  );
}
