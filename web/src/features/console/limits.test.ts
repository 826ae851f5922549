import { limitOf, limitsUpTo } from "./limits";

it("offers no more rows than the server shows", () => {
  expect(limitsUpTo(10_000)).toEqual([100, 1_000, 10_000]);
  expect(limitsUpTo(2_500)).toEqual([100, 1_000, 2_500]);
  expect(limitsUpTo(50)).toEqual([50]);
});

it("takes no limit from an address that the server would not keep", () => {
  expect(limitOf("10000", 10_000)).toBe(10_000);
  expect(limitOf("100000", 10_000)).toBe(1_000);
  expect(limitOf("nonsense", 500)).toBe(500);
});
