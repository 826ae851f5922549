/** Numbers, durations and times as people read them. */

const UNITS: readonly [string, number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** Print seconds in the two largest units: `1h 5m`, `42s`, `0.3s`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 0) return `−${duration(-seconds)}`;
  if (seconds < 10) return `${trim(seconds.toFixed(1))}s`;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) {
      parts.push(`${count}${unit}`);
      rest -= count * size;
    }
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** Print milliseconds: `0.4 ms`, `12 ms`, `1.4 s`. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value < 1) return `${trim(value.toFixed(2))} ms`;
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${trim((value / 1_000).toFixed(2))} s`;
  return duration(value / 1_000);
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** Print a whole number with separators. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : whole.format(value);
}

/** Print a number in short: `1.2M`. */
export function compact(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : short.format(value);
}

/** Print a ratio between 0 and 1 as percent. */
export function percent(ratio: number | null | undefined, digits = 1): string {
  if (ratio === null || ratio === undefined) return "–";
  // 99.97 % is not 100 %: never round up to a clean sheet.
  const scale = 10 ** digits;
  return `${trim((Math.floor(ratio * 100 * scale + 1e-9) / scale).toFixed(digits))}%`;
}

/** Print a size: `12 kB`, `3.4 MB`. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? trim(size.toFixed(1)) : Math.round(size)} ${units[unit] ?? ""}`;
}

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dateTime = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

/** Print an instant: the time alone if it is today. */
export function instant(iso: string | null | undefined, now = new Date()): string {
  if (!iso) return "–";
  const date = new Date(iso);
  return date.toDateString() === now.toDateString() ? time.format(date) : dateTime.format(date);
}

/** Print an instant with everything, for a tooltip. */
export function fullInstant(iso: string): string {
  return full.format(new Date(iso));
}

/** Print how long ago an instant was. */
export function ago(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return "never";
  const seconds = (now - new Date(iso).getTime()) / 1_000;
  if (seconds < 1) return "just now";
  return seconds < 60 ? `${Math.round(seconds)}s ago` : `${duration(seconds)} ago`;
}

/** Choose between singular and plural. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

function trim(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
