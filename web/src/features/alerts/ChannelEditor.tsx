import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import { useId, useState } from "react";
import { usePutChannel } from "../../api/queries/alerting";
import type { Schemas } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { alertingTexts as t } from "../../shared/texts/alerts";
import { common } from "../../shared/texts/common";
import { Select } from "../../shared/ui/Select";
import { ErrorState } from "../../shared/ui/States";

/** The settings of each kind, in the words of the API; what it does not know, it says. */
const SETTINGS: Record<string, readonly string[]> = {
  webhook: ["url"],
  chat: [],
  alertmanager: ["url"],
  email: ["host", "port", "tls", "user", "from", "to"],
};
const REQUIRED = new Set(["url", "host", "from", "to"]);

function secretLabel(kind: string, channel: Schemas["AlertChannel"] | null): string {
  const name = t.secrets[kind] ?? t.secret;
  return channel?.has_secret ? `${name} (${t.hasSecret})` : name;
}

interface ChannelEditorProps {
  channel: Schemas["AlertChannel"] | null;
  onClose: () => void;
}

/** A channel; its secret is written and never read. */
export function ChannelEditor({ channel, onClose }: ChannelEditorProps): React.ReactElement {
  const id = useId();
  const [name, setName] = useState(channel?.name ?? "");
  const [kind, setKind] = useState(channel?.kind ?? "webhook");
  const [config, setConfig] = useState<Record<string, string>>(channel?.config ?? {});
  const [secret, setSecret] = useState("");
  const [perMinute, setPerMinute] = useState(String(channel?.per_minute ?? 20));
  const [enabled, setEnabled] = useState(channel?.enabled ?? true);
  const put = usePutChannel();
  const toast = useToast();
  const settings = SETTINGS[kind] ?? Object.keys(config);

  function save(event: React.SyntheticEvent): void {
    event.preventDefault();
    const given = settings
      .map((key) => [key, config[key] ?? ""] as const)
      .filter(([, value]) => value !== "");
    put.mutate(
      {
        name,
        kind,
        config: Object.fromEntries(given),
        secret: secret === "" ? null : secret,
        enabled,
        per_minute: Number(perMinute),
      },
      {
        onSuccess: () => {
          toast.done(t.saved(name));
          onClose();
        },
      },
    );
  }

  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby={id}>
      <form onSubmit={save}>
        <DialogTitle id={id} variant="h2" component="h2">
          {channel ? t.editChannel(channel.name) : t.newChannel}
        </DialogTitle>
        <DialogContent>
          <Box sx={{ display: "grid", gap: 2, pt: 1 }}>
            <TextField
              label={t.name}
              value={name}
              required
              disabled={channel !== null}
              onChange={(event) => setName(event.target.value)}
            />
            <Select
              label={t.kindField}
              value={kind}
              options={[...new Set([...Object.keys(SETTINGS), kind])].map((each) => [each, each])}
              onChange={setKind}
            />
            {settings.map((key) => (
              <TextField
                key={key}
                label={key}
                value={config[key] ?? ""}
                required={REQUIRED.has(key)}
                onChange={(event) => setConfig((before) => ({ ...before, [key]: event.target.value }))}
              />
            ))}
            <TextField
              label={secretLabel(kind, channel)}
              value={secret}
              type="password"
              autoComplete="new-password"
              helperText={t.secretHelp}
              onChange={(event) => setSecret(event.target.value)}
            />
            <TextField
              label={t.perMinute}
              value={perMinute}
              type="number"
              helperText={t.perMinuteHelp}
              slotProps={{ htmlInput: { min: 1, max: 10_000 } }}
              onChange={(event) => setPerMinute(event.target.value)}
            />
            <FormControlLabel
              control={<Switch checked={enabled} onChange={(_, on) => setEnabled(on)} />}
              label={t.enabled}
            />
            {put.error ? <ErrorState error={put.error} /> : null}
          </Box>
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2.5 }}>
          <Button color="inherit" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" variant="contained" loading={put.isPending}>
            {t.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
