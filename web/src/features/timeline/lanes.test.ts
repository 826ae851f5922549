import { graph, graphNode, refresh, runningRefresh } from "../../testing/factories";
import { lanesOf } from "./lanes";

it("puts the tables of a pipeline together, in the order of work", () => {
  const shape = graph(
    [
      graphNode({ id: "r1", kind: "TABLE", table_id: null, name: "orders", level: 0 }),
      graphNode({ id: "t1", table_id: 1, name: "weekly", level: 2 }),
      graphNode({ id: "t2", table_id: 2, name: "lonely", level: 1 }),
      graphNode({ id: "t3", table_id: 3, name: "daily", level: 1 }),
    ],
    [
      ["r1", "t3"],
      ["t3", "t1"],
      ["r1", "t2"],
    ],
  );
  const lanes = lanesOf(
    shape,
    [
      refresh({ id: 1, table_id: 1, name: "weekly" }),
      refresh({ id: 2, table_id: 2, name: "lonely" }),
      refresh({ id: 3, table_id: 3, name: "daily" }),
      refresh({ id: 4, table_id: 3, name: "daily" }),
    ],
    [],
  );
  expect(lanes.map(({ name, depth, first }) => [name, depth, first])).toEqual([
    ["daily", 0, true],
    ["weekly", 1, false],
    ["lonely", 0, true],
  ]);
  expect(lanes[0]?.refreshes).toHaveLength(2);
});

it("still has a lane for a table that was dropped", () => {
  expect(
    lanesOf(undefined, [refresh({ id: 1, table_id: 9, name: "gone" })], []).map(({ name }) => name),
  ).toEqual(["gone"]);
});

it("has a lane for a table whose first refresh is at work", () => {
  const running = runningRefresh({ table_id: 5, name: "slow" });
  const lanes = lanesOf(undefined, [refresh({ id: 1, table_id: 9, name: "done" })], [running]);
  expect(lanes.map((lane) => [lane.name, lane.running])).toEqual([
    ["done", null],
    ["slow", running],
  ]);
});
