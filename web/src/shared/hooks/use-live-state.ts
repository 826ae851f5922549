import { useSyncExternalStore } from "react";
import { liveState, onLiveState, type LiveState } from "../../api/live/state";

/** Whether changes arrive by themselves, at present. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(onLiveState, liveState);
}
