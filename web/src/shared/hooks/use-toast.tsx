import Button from "@mui/material/Button";
import { closeSnackbar, useSnackbar } from "notistack";
import { useMemo } from "react";
import { ApiError } from "../../api/problem";
import { common } from "../texts/common";

export interface Toast {
  done: (message: string) => void;
  failed: (error: unknown) => void;
  /** Say what was done, and offer to take it back. */
  undoable: (message: string, undo: () => void) => void;
  warn: (message: string) => void;
}

/** Short notices at the edge of the screen. */
export function useToast(): Toast {
  const { enqueueSnackbar } = useSnackbar();
  return useMemo(
    () => ({
      done: (message) => enqueueSnackbar(message, { variant: "success" }),
      warn: (message) => enqueueSnackbar(message, { variant: "warning" }),
      failed: (error) => enqueueSnackbar(describe(error), { variant: "error", autoHideDuration: 12_000 }),
      undoable: (message, undo) =>
        enqueueSnackbar(message, {
          variant: "success",
          autoHideDuration: 10_000,
          action: (key) => (
            <Button
              color="inherit"
              onClick={() => {
                undo();
                closeSnackbar(key);
              }}
            >
              {common.undo}
            </Button>
          ),
        }),
    }),
    [enqueueSnackbar],
  );
}

/** An error in one or two sentences. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const next = error instanceof ApiError ? (error.hint ?? error.detail) : null;
  return next ? `${error.message} — ${next}` : error.message;
}
