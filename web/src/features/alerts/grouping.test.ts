import type { Alert } from "../../api/queries/alerts";
import { filterAlerts, groupAlerts, NO_FILTERS } from "./grouping";

function alert(table: string, change: Partial<Alert> = {}): Alert {
  return {
    fingerprint: `${table}-${change.labels?.["rule"] ?? "late"}`,
    labels: { table, rule: "late", severity: "error", ...change.labels },
    state: "firing",
    since: "2026-11-25T08:00:00Z",
    value: 1,
    text: "8 s old",
    inhibited_by: null,
    silenced_by: null,
    acknowledged: null,
    runbook: null,
    assigned_to: null,
    snoozed_until: null,
    flapping: false,
    dismissed: false,
    incident_id: null,
    ...change,
  };
}

it("puts the root of an incident before what follows from it, and the worst incident first", () => {
  const child = alert("s.above", { incident_id: 7, inhibited_by: "s.root-late" });
  const root = alert("s.root", { incident_id: 7 });
  const mild = alert("s.other", {
    incident_id: 3,
    labels: { table: "s.other", rule: "late", severity: "info" },
  });
  const groups = groupAlerts([mild, child, root], "incident");
  expect(groups.map(({ title }) => title)).toEqual(["Incident 7 · s.root", "Incident 3 · s.other"]);
  expect(groups[0]?.alerts.map(({ fingerprint }) => fingerprint)).toEqual(["s.root-late", "s.above-late"]);
});

it("filters by words of table, rule and text, by severity and by state", () => {
  const all = [alert("s.a"), alert("s.b", { state: "pending", text: "9 s old" })];
  const names = (change: Partial<typeof NO_FILTERS>): (string | undefined)[] =>
    filterAlerts(all, { ...NO_FILTERS, ...change }).map(({ labels }) => labels["table"]);
  expect(names({ q: "LATE 9" })).toEqual(["s.b"]);
  expect(names({ state: "firing" })).toEqual(["s.a"]);
  expect(names({ severity: "critical" })).toEqual([]);
});
