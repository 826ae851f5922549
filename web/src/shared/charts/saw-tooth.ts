import type { LagSeries } from "../../api/types";

export interface LagInstant {
  at: number;
  lag: number;
}

/** Draw the lag of a window: it grows by a second a second, and falls where a refresh ended. */
export function sawTooth(series: LagSeries): LagInstant[] {
  const begin = Date.parse(series.begin);
  const end = Date.parse(series.end);
  const path: LagInstant[] = [];
  for (const { at, peak_seconds, trough_seconds } of series.points) {
    const instant = Date.parse(at);
    if (path.length === 0) {
      const start = Math.max(begin, instant - peak_seconds * 1_000);
      path.push({ at: start, lag: peak_seconds - (instant - start) / 1_000 });
    }
    path.push({ at: instant, lag: peak_seconds }, { at: instant, lag: trough_seconds });
  }
  const last = path.at(-1);
  if (last !== undefined && series.current_seconds !== null) {
    path.push({ at: end, lag: series.current_seconds });
  } else if (last === undefined && series.current_seconds !== null) {
    const start = Math.max(begin, end - series.current_seconds * 1_000);
    path.push(
      { at: start, lag: series.current_seconds - (end - start) / 1_000 },
      { at: end, lag: series.current_seconds },
    );
  }
  return path;
}

/** The lag at an instant; null where the path has none. */
export function lagAt(path: readonly LagInstant[], at: number): number | null {
  const next = path.findIndex((point) => point.at > at);
  const from = path[next - 1];
  const to = path[next];
  if (from === undefined || to === undefined) return null;
  return from.lag + ((to.lag - from.lag) * (at - from.at)) / (to.at - from.at);
}

/** The pieces above the target, as closed shapes. */
export function violations(path: readonly LagInstant[], target: number): LagInstant[][] {
  const shapes: LagInstant[][] = [];
  let shape: LagInstant[] = [];
  const close = (at: number): void => {
    if (shape.length > 0) shapes.push([...shape, { at, lag: target }]);
    shape = [];
  };
  for (let index = 1; index < path.length; index++) {
    const from = path[index - 1];
    const to = path[index];
    if (from === undefined || to === undefined) continue;
    const crossing = from.at + ((target - from.lag) / (to.lag - from.lag)) * (to.at - from.at);
    if (from.lag <= target && to.lag > target) shape.push({ at: crossing, lag: target }, to);
    else if (from.lag > target && to.lag > target) {
      if (shape.length === 0) shape.push({ at: from.at, lag: target }, from);
      shape.push(to);
    } else if (from.lag > target && to.lag <= target) {
      if (shape.length === 0) shape.push({ at: from.at, lag: target }, from);
      close(crossing);
    }
  }
  close(path.at(-1)?.at ?? 0);
  return shapes;
}
