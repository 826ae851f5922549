import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { shortcutList } from "../shared/texts/keyboard";
import { shell } from "../shared/texts/shell";
import { Kbd } from "../shared/ui/Kbd";

/** All keys that do something. */
export function ShortcutsDialog({
  open,
  onClose,
}: {
  open: boolean;
  onClose: () => void;
}): React.ReactElement {
  return (
    <Dialog open={open} onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="shortcuts-title">
      <DialogTitle id="shortcuts-title" variant="h2" component="h2">
        {shell.shortcuts}
      </DialogTitle>
      <DialogContent>
        <Box component="dl" sx={{ m: 0, display: "grid", gridTemplateColumns: "1fr auto", rowGap: 0.75 }}>
          {shortcutList.map(([keys, meaning]) => (
            <Box key={keys} sx={{ display: "contents" }}>
              <Box component="dt">{meaning}</Box>
              <Box component="dd" sx={{ m: 0, textAlign: "right" }}>
                <Kbd>{keys}</Kbd>
              </Box>
            </Box>
          ))}
        </Box>
      </DialogContent>
    </Dialog>
  );
}
