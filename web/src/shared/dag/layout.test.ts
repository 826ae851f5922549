import { graph, graphNode } from "../../testing/factories";
import { layout } from "./layout";

it("lays out 500 tables in less than the second that is promised, on a machine that has nothing else to do", () => {
  const nodes = Array.from({ length: 500 }, (_, index) =>
    graphNode({ id: `t${index}`, name: `table_${index}` }),
  );
  // Each table reads two of the fifty before it.
  const edges = nodes.flatMap((_, index): [string, string][] =>
    index < 50
      ? []
      : [
          [`t${index - 50}`, `t${index}`],
          [`t${index - 1 - (index % 47)}`, `t${index}`],
        ],
  );
  const began = performance.now();
  const places = layout(graph(nodes, edges));
  const took = performance.now() - began;
  console.info(`layout of 500 tables: ${Math.round(took)} ms`);
  expect(places.size).toBe(500);
  // Ten times the promise: tests run beside others.
  expect(took).toBeLessThan(10_000);
});

it("puts pipelines that have nothing to do with each other side by side", () => {
  const nodes = Array.from({ length: 60 }, (_, index) => graphNode({ id: `t${index}` }));
  const edges = Array.from({ length: 30 }, (_, index): [string, string] => [
    `t${2 * index}`,
    `t${2 * index + 1}`,
  ]);
  const places = [...layout(graph(nodes, edges)).values()];
  expect(new Set(places.map(({ x, y }) => `${x},${y}`)).size).toBe(60);
  const [width, height] = (["x", "y"] as const).map((axis) =>
    Math.max(...places.map((place) => place[axis])),
  );
  // Thirty below each other would be about five times as high as wide.
  expect(height).toBeLessThan(width ?? 0);
});
