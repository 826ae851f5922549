import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { completer } from "./complete";

const names = {
  search_path: ["public"],
  schemas: [{ name: "tpch", tables: [{ name: "orders", kind: "TABLE", comment: null, columns: [] }] }],
  functions: ["count", "date_trunc"],
  options: { TARGET_LAG: ["1 minute", "DOWNSTREAM"] },
  truncated: false,
};

function offered(text: string): string[] {
  const state = EditorState.create({ doc: text });
  return (
    completer(names)(new CompletionContext(state, text.length, false))?.options.map(({ label }) => label) ??
    []
  );
}

it("offers whole names of relations after FROM and JOIN", () => {
  expect(offered("SELECT * FROM tp")).toEqual(["tpch.orders"]);
  expect(offered("SELECT * FROM a JOIN ")).toEqual(["tpch.orders"]);
});

it("offers the values of an option, quoted where they must be", () => {
  expect(offered("TARGET_LAG = ")).toEqual(["'1 minute'", "DOWNSTREAM"]);
});

it("offers functions inside expressions, and nothing for one letter", () => {
  expect(offered("SELECT cou")).toContain("count");
  expect(offered("SELECT c")).toEqual([]);
});
