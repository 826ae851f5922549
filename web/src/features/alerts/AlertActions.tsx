import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";
import { useDeed, type Alert, type Deed, type Deeds } from "../../api/queries/alerts";
import { meQuery } from "../../api/queries/auth";
import { useToast } from "../../shared/hooks/use-toast";
import { alertPageTexts as t, alertTexts } from "../../shared/texts/alerts";
import { common } from "../../shared/texts/common";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Select } from "../../shared/ui/Select";

type DeedName = keyof Deeds;

const NAMES: readonly DeedName[] = ["acknowledge", "assign", "comment", "snooze", "resolve"];
const LABELS: Record<DeedName, string> = {
  acknowledge: alertTexts.acknowledge,
  assign: t.assign,
  comment: t.comment,
  snooze: t.snooze,
  resolve: t.resolve,
};

/** What can be done about one alert. */
export function AlertActions({ alert }: { alert: Alert }): React.ReactElement {
  const [open, setOpen] = useState<DeedName | null>(null);
  const fires = alert.state === "firing";
  const names = NAMES.filter((name) => fires || name === "comment");
  const table = alert.labels["table"];
  const matcher = table ? `table="${table}"` : `rule="${alert.labels["rule"] ?? ""}"`;
  return (
    <>
      {names.map((name) => (
        <RoleButton
          key={name}
          needs="operator"
          variant={name === "acknowledge" ? "contained" : "outlined"}
          onClick={() => setOpen(name)}
        >
          {LABELS[name]}
        </RoleButton>
      ))}
      <Button
        component={Link}
        to={`/alerts/silences?${new URLSearchParams({ matchers: matcher }).toString()}`}
      >
        {t.silence}
      </Button>
      {open ? <DeedDialog name={open} alert={alert} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

interface DeedDialogProps {
  name: DeedName;
  alert: Alert;
  onClose: () => void;
}

function DeedDialog({ name, alert, onClose }: DeedDialogProps): React.ReactElement {
  const id = useId();
  const { data: me } = useQuery(meQuery());
  const [note, setNote] = useState("");
  const [to, setTo] = useState(alert.assigned_to ?? me?.name ?? "");
  const [minutes, setMinutes] = useState("60");
  const deed = useDeed();
  const toast = useToast();

  function done(): Deed {
    const fingerprints = [alert.fingerprint];
    const said = { note: note || null };
    switch (name) {
      case "assign":
        return { fingerprints, deed: name, body: { to: to.trim() === "" ? null : to.trim() } };
      case "comment":
        return { fingerprints, deed: name, body: { text: note } };
      case "snooze": {
        const until = new Date(Date.now() + Number(minutes) * 60_000).toISOString();
        return { fingerprints, deed: name, body: { ...said, until } };
      }
      case "acknowledge":
      case "resolve":
        return { fingerprints, deed: name, body: said };
    }
  }

  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby={id}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          deed.mutate(done(), {
            onSuccess: () => {
              toast.done(t.done(LABELS[name]));
              onClose();
            },
            onError: toast.failed,
          });
        }}
      >
        <DialogTitle id={id} variant="h2" component="h2">
          {LABELS[name]}
        </DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 2 }}>
          {name === "resolve" ? <Typography variant="body2">{t.resolveHint}</Typography> : null}
          {name === "snooze" ? (
            <Select label={t.until} value={minutes} options={t.spans} onChange={setMinutes} />
          ) : null}
          {name === "assign" ? (
            <TextField label={t.to} value={to} autoFocus onChange={(event) => setTo(event.target.value)} />
          ) : (
            <TextField
              label={name === "comment" ? t.comment : t.note}
              value={note}
              autoFocus
              multiline
              minRows={2}
              required={name === "comment"}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2.5 }}>
          <Button color="inherit" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" variant="contained" loading={deed.isPending}>
            {LABELS[name]}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
