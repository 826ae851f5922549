/** Whether changes arrive by themselves. */
export type LiveState = "connecting" | "live" | "polling" | "offline";

let state: LiveState = "connecting";
const listeners = new Set<() => void>();

/** Set the state; tell those who show it. */
export function setLiveState(next: LiveState): void {
  if (next === state) return;
  state = next;
  listeners.forEach((listener) => {
    listener();
  });
}

/** The present state. */
export function liveState(): LiveState {
  return state;
}

/** Be told of changes; returns the way out. */
export function onLiveState(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
