import type { Refresh } from "../../api/types";

export interface Phase {
  kind: "wait" | "execute" | "commit";
  /** Instants in milliseconds. */
  from: number;
  to: number;
}

/** More than this between snapshot and end is not the work of a run: the table took over an older snapshot. */
const SLACK = 5_000;

/**
 * What a refresh did when: it waited for locks and for the tables that its run refreshed before it, it worked, and then
 * the run finished its other tables and committed. `run` are the refreshes of its run, the refresh itself among them.
 */
export function phasesOf(refresh: Refresh, run: readonly Refresh[], now: number): Phase[] {
  if (refresh.ended_at === null) {
    return [{ kind: "execute", from: Date.parse(refresh.started_at), to: now }];
  }
  const ended = Date.parse(refresh.ended_at);
  const own = refresh.duration_ms ?? 0;
  const sum = (refreshes: readonly Refresh[]) =>
    refreshes.reduce((total, { duration_ms }) => total + (duration_ms ?? 0), 0);
  const before = sum(run.filter(({ id }) => id < refresh.id));
  const after = sum(run.filter(({ id }) => id > refresh.id));
  const snapshot = refresh.data_timestamp === null ? ended : Date.parse(refresh.data_timestamp);
  const rest = ended - snapshot - before - own - after;
  const finish = ended - (rest > 0 && rest < SLACK ? rest : 0) - after;
  const start = finish - own;
  const phases: Phase[] = [
    { kind: "wait", from: start - before - (refresh.waited_ms ?? 0), to: start },
    { kind: "execute", from: start, to: finish },
    { kind: "commit", from: finish, to: ended },
  ];
  return phases.filter(({ kind, from, to }) => kind === "execute" || to > from);
}

/** The refreshes of each run. */
export function runsOf(refreshes: readonly Refresh[]): Map<string, Refresh[]> {
  return Map.groupBy(refreshes, ({ run }) => run);
}
