import { ago, bytes, duration, milliseconds, percent, plural } from "./format";

it.each([
  [0.34, "0.3s"],
  [9.96, "10s"],
  [42, "42s"],
  [60, "1m"],
  [3_905, "1h 5m"],
  [90_061, "1d 1h"],
  [null, "–"],
])("prints %s seconds as %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it("never rounds a ratio up to a clean sheet", () => {
  expect(percent(0.9997)).toBe("99.9%");
  expect(percent(1)).toBe("100%");
  expect(percent(0)).toBe("0%");
});

it("prints sizes, milliseconds, plurals and ages", () => {
  expect(bytes(1_536)).toBe("1.5 kB");
  expect(bytes(600_000)).toBe("586 kB");
  expect(milliseconds(0.04)).toBe("0.04 ms");
  expect(milliseconds(1_400)).toBe("1.4 s");
  expect(plural(1, "row")).toBe("1 row");
  expect(plural(1_200, "row")).toBe("1,200 rows");
  expect(ago(new Date(1_000).toISOString(), 31_000)).toBe("30s ago");
});
