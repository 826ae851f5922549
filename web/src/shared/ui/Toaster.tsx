import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useState, useSyncExternalStore } from "react";
import { dismiss, onToasts, toasts, type ToastItem } from "../lib/toasts";
import { common } from "../texts/common";

/** The place of the short notices. */
export function Toaster(): React.ReactElement {
  const items = useSyncExternalStore(onToasts, toasts);
  return (
    <Box role="log" aria-live="polite" aria-label={common.notices} sx={PLACE}>
      {items.map((item) => (
        <Notice key={item.id} item={item} />
      ))}
    </Box>
  );
}

function Notice({
  item: { id, message, severity, seconds, undo, action },
}: {
  item: ToastItem;
}): React.ReactElement {
  // Nothing goes away under a pointer, or under the focus of somebody who came by keyboard.
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), seconds * 1_000);
    return () => clearTimeout(timer);
  }, [held, id, seconds]);
  const takeBack = (): void => {
    undo?.();
    dismiss(id);
  };
  return (
    <Alert
      severity={severity}
      variant="standard"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      sx={{
        boxShadow: 4,
        border: 1,
        borderColor: "divider",
        bgcolor: "background.paper",
        color: "text.primary",
      }}
      {...(undo
        ? {
            action: (
              <Button color="primary" onClick={takeBack}>
                {action ?? common.undo}
              </Button>
            ),
          }
        : { onClose: () => dismiss(id) })}
    >
      {message}
    </Alert>
  );
}

const PLACE = {
  position: "fixed",
  right: 16,
  bottom: 16,
  zIndex: 1500,
  display: "grid",
  gap: 1,
  width: "min(440px, calc(100vw - 32px))",
  pointerEvents: "none",
  "& > *": { pointerEvents: "auto" },
} as const;
