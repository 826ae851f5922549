import type { Span } from "../../api/span";
import { useUrlState } from "./use-url-state";

const WINDOWS: Record<string, number> = {
  "5m": 300,
  "15m": 900,
  "1h": 3_600,
  "6h": 21_600,
  "24h": 86_400,
  "7d": 604_800,
};
export const WINDOW_NAMES: readonly string[] = Object.keys(WINDOWS);

export interface TimeRange {
  span: Span;
  /** The name of the window; empty where the range has its own ends. */
  window: string;
  setWindow: (window: string) => void;
  /** Look at what was between two instants, in milliseconds. */
  setOwn: (from: number, to: number) => void;
}

/** The stretch of time of a page, kept in the address: a window that ends now, or one with its own ends. */
export function useTimeRange(usual: string): TimeRange {
  const [{ window, from, to }, setState] = useUrlState({ window: usual, from: "", to: "" });
  const [begin, end] = [Number(from), Number(to)];
  const own = begin > 0 && end > begin;
  return {
    span: own ? { from: begin, to: end } : { seconds: WINDOWS[window] ?? WINDOWS[usual] ?? 3_600 },
    window: own ? "" : window,
    setWindow: (next) => setState({ window: next, from: null, to: null }),
    setOwn: (first, last) => setState({ from: String(Math.round(first)), to: String(Math.round(last)) }),
  };
}
