import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useId } from "react";
import { common } from "../texts/common";

interface ConfirmProps {
  open: boolean;
  title: string;
  text: React.ReactNode;
  action: string;
  busy?: boolean;
  /** What is asked cannot be done as it stands. */
  disabled?: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** Ask before what cannot be taken back. */
export function Confirm({
  open,
  title,
  text,
  action,
  busy = false,
  disabled = false,
  onClose,
  onConfirm,
}: ConfirmProps): React.ReactElement {
  const id = useId();
  return (
    <Dialog open={open} onClose={onClose} maxWidth="xs" fullWidth aria-labelledby={id}>
      <DialogTitle id={id} variant="h2" component="h2">
        {title}
      </DialogTitle>
      <DialogContent sx={{ fontSize: "0.875rem", color: "text.secondary" }}>{text}</DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button color="inherit" onClick={onClose} autoFocus>
          {common.cancel}
        </Button>
        <Button color="error" variant="contained" loading={busy} disabled={disabled} onClick={onConfirm}>
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
