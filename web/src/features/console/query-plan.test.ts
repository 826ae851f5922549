import { readStep } from "./query-plan";

it("reads a node, and charges each only with its own time", () => {
  const step = readStep({
    "Node Type": "Hash Join",
    "Join Type": "Left",
    "Total Cost": 10,
    "Plan Rows": 5,
    "Actual Rows": 7,
    "Actual Total Time": 4,
    "Actual Loops": 1,
    "Hash Cond": "(a.x = b.x)",
    Plans: [
      {
        "Node Type": "Seq Scan",
        "Relation Name": "a",
        Alias: "a",
        "Actual Total Time": 1,
        "Actual Rows": 2,
        "Actual Loops": 3,
      },
    ],
  });
  expect(step.label).toBe("Left Hash Join");
  expect(step.detail).toEqual(["Hash Cond: (a.x = b.x)"]);
  expect(step.ownTime).toBe(1);
  expect(step.children[0]).toMatchObject({ label: "Seq Scan on a", totalTime: 3, realRows: 6 });
});

it("survives what it does not know", () => {
  expect(readStep(null)).toMatchObject({ label: "?", children: [], cost: null });
});
