import { graph, graphNode } from "../../testing/factories";
import { collapse, defaultGrouping, shownAs } from "./collapse";

const source = (id: string, schema_name: string) =>
  graphNode({ id, schema_name, name: id, kind: "TABLE", status: null, table_id: null, level: 0 });
const table = (number: number, schema_name: string, level: number, status: "FRESH" | "LATE" = "FRESH") =>
  graphNode({ id: `t${number}`, schema_name, name: `t${number}`, table_id: number, level, status });
// Two pipelines: own -> t1 -> t2, and t3 -> t4; both read shared.
const whole = graph(
  [
    source("own", "raw"),
    source("shared", "raw"),
    table(1, "a", 1),
    table(2, "a", 2, "LATE"),
    table(3, "b", 1),
    table(4, "c", 2),
  ],
  [
    ["own", "t1"],
    ["shared", "t1"],
    ["t1", "t2"],
    ["shared", "t3"],
    ["t3", "t4"],
  ],
);
const ids = (nodes: readonly { id: string }[]): string[] => nodes.map(({ id }) => id).sort();

it("draws a pipeline with what only it reads as one node, which looks like its worst table", () => {
  const shown = collapse(whole, "pipeline", new Set());
  expect(ids(shown.nodes)).toEqual(["group:0", "group:1", "shared"]);
  const first = shown.nodes.find(({ id }) => id === "group:0");
  expect(first?.status).toBe("LATE");
  expect(first?.name).toBe("t2 and 2 more");
  expect(shown.edges.map(({ source: from, target }) => `${from}>${target}`).sort()).toEqual([
    "shared>group:0",
    "shared>group:1",
  ]);
});

it("leaves the members of an open group, and what is alone in its group, as they are", () => {
  expect(ids(collapse(whole, "pipeline", new Set(["group:0"])).nodes)).toEqual([
    "group:1",
    "own",
    "shared",
    "t1",
    "t2",
  ]);
  expect(ids(collapse(whole, "schema", new Set()).nodes)).toEqual(["group:a", "group:raw", "t3", "t4"]);
});

it("finds a table in the group that hides it", () => {
  const shown = collapse(whole, "schema", new Set());
  expect([...shownAs(whole, "schema", shown, new Set(["t2", "t3"]))].sort()).toEqual(["group:a", "t3"]);
});

it("groups a graph that is too large to be read, and no other", () => {
  expect(defaultGrouping(whole)).toBe("none");
  const many = Array.from({ length: 312 }, (_, number) => table(number, "a", 1));
  expect(defaultGrouping(graph(many, []))).toBe("pipeline");
});
