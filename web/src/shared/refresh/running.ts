import type { RunningRefresh } from "../../api/types";

/** Whether a refresh at work gets nowhere, as others have locked what it needs. */
export function isHeldUp({ waiting, blocked_by = [] }: RunningRefresh): boolean {
  return waiting || blocked_by.length > 0;
}
