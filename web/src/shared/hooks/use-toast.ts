import { ApiError } from "../../api/problem";
import { say } from "../lib/toasts";

export interface Toast {
  done: (message: string) => void;
  warn: (message: string) => void;
  failed: (error: unknown) => void;
  /** Say what was done, and offer to take it back. */
  undoable: (message: string, undo: () => Promise<unknown>) => void;
}

const toast: Toast = {
  done: (message) => say({ message, severity: "success", seconds: 6 }),
  warn: (message) => say({ message, severity: "warning", seconds: 15 }),
  failed: (error) => say({ message: describe(error), severity: "error", seconds: 15 }),
  // Whoever takes something back may have left the page of it: nobody else would say that it failed.
  undoable: (message, undo) =>
    say({ message, severity: "success", seconds: 10, undo: () => void undo().catch(toast.failed) }),
};

/** Short notices at the edge of the screen. */
export function useToast(): Toast {
  return toast;
}

/** An error in one or two sentences. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const next = error instanceof ApiError ? (error.hint ?? error.detail) : null;
  return next ? `${error.message} — ${next}` : error.message;
}
