import { scaleTime, type ScaleTime } from "d3-scale";

export type TimeScale = ScaleTime<number, number>;

/** A scale from instants to pixels. */
export function timeScale(begin: number, end: number, left: number, right: number): TimeScale {
  return scaleTime().domain([begin, end]).range([left, right]);
}

export interface Tick {
  x: number;
  label: string;
}

/** About one tick for every 110 pixels. */
export function timeTicks(scale: TimeScale): Tick[] {
  const [left = 0, right = 0] = scale.range();
  const [begin, end] = scale.domain();
  const seconds = begin && end ? (end.getTime() - begin.getTime()) / 1_000 : 0;
  const format = new Intl.DateTimeFormat("en-GB", options(seconds));
  return scale.ticks(Math.max(2, Math.floor((right - left) / 110))).map((tick) => ({
    x: scale(tick),
    label: format.format(tick),
  }));
}

function options(seconds: number): Intl.DateTimeFormatOptions {
  if (seconds <= 1_200) return { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  if (seconds <= 2 * 86_400) return { hour: "2-digit", minute: "2-digit" };
  return { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
}
