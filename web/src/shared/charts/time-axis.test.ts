import { lagTicks, timeFormat } from "./time-axis";

it("divides a lag as a clock does", () => {
  expect(lagTicks(336)).toEqual([0, 60, 120, 180, 240, 300]);
  expect(lagTicks(67)).toEqual([0, 10, 20, 30, 40, 50, 60]);
  expect(lagTicks(96_768)).toEqual([0, 21_600, 43_200, 64_800, 86_400]);
  expect(lagTicks(30 * 86_400)).toHaveLength(7);
  expect(lagTicks(0.8)).toEqual([]);
});

it("shows seconds where minutes would repeat", () => {
  expect(timeFormat(60).format(new Date(2026, 0, 1, 9, 5, 7))).toBe("09:05:07");
  expect(timeFormat(7_200).format(new Date(2026, 0, 1, 9, 5, 7))).toBe("09:05");
});
