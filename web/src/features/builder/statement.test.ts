import { orReplace, readName, readOption, writeOption } from "./statement";

const SQL = `CREATE DYNAMIC TABLE s."My t"
    TARGET_LAG = '1 minute'
AS SELECT a AS target_lag FROM x WHERE refresh_mode = 'FULL'`;

it("reads options only from the head", () => {
  expect(readOption(SQL, "TARGET_LAG")).toBe("1 minute");
  expect(readOption(SQL, "REFRESH_MODE")).toBeNull();
  expect(readName(SQL)).toBe('s."My t"');
});

it("writes an option that is there, and one that is not", () => {
  expect(writeOption(SQL, "TARGET_LAG", "DOWNSTREAM")).toContain("TARGET_LAG = DOWNSTREAM\nAS SELECT");
  const full = writeOption(SQL, "REFRESH_MODE", "FULL");
  expect(readOption(full, "REFRESH_MODE")).toBe("FULL");
  expect(full).toContain("AS SELECT a AS target_lag FROM x WHERE refresh_mode = 'FULL'");
});

it("leaves alone what is no such statement", () => {
  expect(writeOption("SELECT 1", "TARGET_LAG", "1 hour")).toBe("SELECT 1");
});

it("replaces once", () => {
  expect(orReplace("create dynamic table t as select 1")).toBe(
    "CREATE OR REPLACE DYNAMIC table t as select 1",
  );
  expect(orReplace(orReplace(SQL))).toBe(orReplace(SQL));
});
