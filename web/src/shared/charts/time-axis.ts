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
  const format = timeFormat(seconds);
  return scale.ticks(Math.max(2, Math.floor((right - left) / 110))).map((tick) => ({
    x: scale(tick),
    label: format.format(tick),
  }));
}

const LAG_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
];

/** At most seven ticks from zero to some seconds, at steps that a clock has; none if all is below a second. */
export function lagTicks(top: number): number[] {
  if (top < 2) return [];
  const step = LAG_STEPS.find((each) => top / each < 7) ?? Math.ceil(top / 7 / 86_400) * 86_400;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
}

/** A format for instants within a stretch of time. */
export function timeFormat(seconds: number): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", options(seconds));
}

function options(seconds: number): Intl.DateTimeFormatOptions {
  if (seconds <= 1_200) return { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  if (seconds <= 2 * 86_400) return { hour: "2-digit", minute: "2-digit" };
  return { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
}
