import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Typography from "@mui/material/Typography";
import { useToast } from "../hooks/use-toast";
import { download } from "../lib/download";
import { CODE } from "../lib/fonts";
import { bytes } from "../lib/format";
import { valueTexts as t } from "../texts/values";

/** What a cell shows of a value, and what a dialog does: more would make the page slow. */
const IN_CELL = 300;
const IN_DIALOG = 100_000;

export interface Whole {
  column: string;
  row: number;
  value: string;
}

/** The beginning of a long value, for a cell. */
export function clip(value: string): string {
  return value.length > IN_CELL ? `${value.slice(0, IN_CELL)}…` : value;
}

/** A value too long for a cell: much of it to read, all of it as a file. */
export function LongValue({ whole, onClose }: { whole: Whole; onClose: () => void }): React.ReactElement {
  const { column, row, value } = whole;
  const toast = useToast();
  const copy = (): void =>
    void navigator.clipboard.writeText(value).then(() => toast.done(t.copied), toast.failed);
  return (
    <Dialog open onClose={onClose} maxWidth="md" fullWidth aria-labelledby="long-value-title">
      <DialogTitle id="long-value-title" variant="h2" component="h2">
        {t.title(column, row)}
      </DialogTitle>
      <DialogContent>
        {value.length > IN_DIALOG ? (
          <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
            {t.begins(bytes(IN_DIALOG), bytes(value.length))}
          </Typography>
        ) : null}
        <Box component="pre" tabIndex={0} sx={TEXT}>
          {value.slice(0, IN_DIALOG)}
        </Box>
      </DialogContent>
      <DialogActions>
        <Button onClick={copy}>{t.copy}</Button>
        <Button onClick={() => download(`${column}-${row}.txt`, value)}>{t.download}</Button>
        <Button onClick={onClose}>{t.close}</Button>
      </DialogActions>
    </Dialog>
  );
}

const TEXT = {
  ...CODE,
  fontSize: "0.75rem",
  m: 0,
  whiteSpace: "pre-wrap",
  overflowWrap: "anywhere",
} as const;
