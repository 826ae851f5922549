/** Short notices, kept outside React so that anything may say something. */
export interface ToastItem {
  id: number;
  message: string;
  severity: "success" | "warning" | "error";
  seconds: number;
  undo?: () => void;
  /** What the button of it says, if it does not take something back. */
  action?: string;
}

const MOST = 4;
let items: readonly ToastItem[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly ToastItem[]): void {
  items = next;
  listeners.forEach((listener) => {
    listener();
  });
}

/** Show a notice for a while. */
export function say(item: Omit<ToastItem, "id">): void {
  last += 1;
  set([...items.slice(1 - MOST), { ...item, id: last }]);
}

/** Take a notice away. */
export function dismiss(id: number): void {
  set(items.filter((item) => item.id !== id));
}

/** What is shown now. */
export function toasts(): readonly ToastItem[] {
  return items;
}

/** Be told of changes; returns the way out. */
export function onToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
