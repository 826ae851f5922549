import { sentence } from "./activity";

it("says what was done", () => {
  const told = (action: string, detail: Record<string, unknown> = {}): string => sentence({ action, detail });
  expect(told("CREATE", { effective_mode: "INCREMENTAL", target_lag_seconds: 60 })).toBe(
    "created it, refreshed incrementally, at most 1m old",
  );
  expect(told("SET", { target_lag_seconds: "300", scheduled: "True" })).toBe("set its target lag to 5m");
  expect(told("SET", { target_lag_seconds: "None", scheduled: "True" })).toBe("made it follow what reads it");
  expect(told("SET", { scheduled: "False" })).toBe("took it from the schedule");
  expect(told("GRANT", { privileges: ["OPERATE", "MONITOR"], to: "alice" })).toBe(
    "granted OPERATE, MONITOR to alice",
  );
  expect(told("SUSPEND", { reason: "SUSPENDED_DUE_TO_ERRORS", failures: 5 })).toBe(
    "suspended it after 5 failures (suspended due to errors)",
  );
  expect(told("SOMETHING_NEW", { size: 3 })).toBe("something new, size 3");
});
