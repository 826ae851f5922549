import type { LagSeries } from "../../api/types";
import { lagAt, sawTooth, violations } from "./saw-tooth";

const at = (second: number): string => new Date(second * 1_000).toISOString();

const series: LagSeries = {
  schema_name: "s",
  name: "t",
  begin: at(0),
  end: at(200),
  target_lag_seconds: 60,
  current_seconds: 45,
  within_target_ratio: 0.9,
  percentiles: { p50: 30, p95: 70, p99: 75, maximum: 80 },
  points: [
    { at: at(50), peak_seconds: 50, trough_seconds: 2, refresh_id: 1, action: "INCREMENTAL" },
    { at: at(128), peak_seconds: 80, trough_seconds: 1, refresh_id: 2, action: "FULL" },
  ],
};

it("grows by a second a second and falls at a refresh", () => {
  expect(sawTooth(series)).toEqual([
    { at: 0, lag: 0 },
    { at: 50_000, lag: 50 },
    { at: 50_000, lag: 2 },
    { at: 128_000, lag: 80 },
    { at: 128_000, lag: 1 },
    { at: 200_000, lag: 45 },
  ]);
});

it("shades exactly what is above the target", () => {
  const shapes = violations(sawTooth(series), 60);
  expect(shapes).toHaveLength(1);
  expect(shapes[0]?.map(({ lag }) => lag)).toEqual([60, 80, 60]);
  expect(shapes[0]?.[0]?.at).toBeCloseTo(108_000, -1);
  expect(violations(sawTooth(series), 90)).toEqual([]);
});

it("tells the lag of an instant", () => {
  const path = sawTooth(series);
  expect(lagAt(path, 20_000)).toBe(20);
  expect(lagAt(path, 60_000)).toBeCloseTo(12, 5);
  expect(lagAt(path, -1)).toBeNull();
  expect(lagAt(path, 200_001)).toBeNull();
});

it("draws a table that was never refreshed in the window", () => {
  expect(sawTooth({ ...series, points: [], current_seconds: 500 })).toEqual([
    { at: 0, lag: 300 },
    { at: 200_000, lag: 500 },
  ]);
});
