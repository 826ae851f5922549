import { useSyncExternalStore } from "react";

let at: number | null = null;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Point all charts of the page at an instant, in milliseconds, or at none. */
export function pointAt(instant: number | null): void {
  if (instant === at) return;
  at = instant;
  listeners.forEach((each) => {
    each();
  });
}

/** The instant at which somebody points in one of the charts. */
export function useTimeCursor(): number | null {
  return useSyncExternalStore(subscribe, () => at);
}
