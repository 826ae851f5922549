import { useSyncExternalStore } from "react";

let now = Date.now();
let timer: number | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    now = Date.now();
    listeners.forEach((each) => {
      each();
    });
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present, advancing every second; one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () =>
    timer === undefined ? (now = Math.floor(Date.now() / 1000) * 1000) : now,
  );
}
