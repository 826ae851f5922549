import { refresh } from "../../testing/factories";
import { phasesOf } from "./phases";

const at = (milliseconds: number) => new Date(1_000_000 + milliseconds).toISOString();
const spans = (phases: ReturnType<typeof phasesOf>) =>
  phases.map(({ kind, from, to }) => [kind, from - 1_000_000, to - 1_000_000]);

it("shows what waited for what in a run of two tables", () => {
  // The run waited 100 ms for locks, took its snapshot at 0, worked 200 and 300 ms, and was recorded at 550.
  const common = { run: "a", data_timestamp: at(0), ended_at: at(550), waited_ms: 100 };
  const below = refresh({ ...common, id: 1, duration_ms: 200, started_at: at(350) });
  const above = refresh({ ...common, id: 2, duration_ms: 300, started_at: at(250) });
  expect(spans(phasesOf(below, [below, above], 0))).toEqual([
    ["wait", -100, 0],
    ["execute", 0, 200],
    ["commit", 200, 550],
  ]);
  expect(spans(phasesOf(above, [below, above], 0))).toEqual([
    ["wait", -100, 200],
    ["execute", 200, 500],
    ["commit", 500, 550],
  ]);
});

it("does not take the age of a snapshot that was taken over for work", () => {
  const alone = refresh({ data_timestamp: at(-60_000), ended_at: at(100), duration_ms: 80, waited_ms: 10 });
  expect(spans(phasesOf(alone, [alone], 0))).toEqual([
    ["wait", 10, 20],
    ["execute", 20, 100],
  ]);
});

it("runs until now while it runs", () => {
  const running = refresh({ started_at: at(0), ended_at: null });
  expect(spans(phasesOf(running, [running], 1_000_400))).toEqual([["execute", 0, 400]]);
});
