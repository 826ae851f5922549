import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { completer } from "./complete";

const column = (name: string) => ({ name, type: "integer" });
const table = (name: string, ...columns: string[]) => ({
  name,
  kind: "TABLE",
  comment: null,
  columns: columns.map(column),
});
const names = {
  search_path: ["public"],
  schemas: [
    {
      name: "public",
      tables: [table("orders", "id", "customer_id", "amount"), table("customers", "id", "name")],
    },
    { name: "tpch", tables: [table("orders", "o_orderkey"), table("Odd Name", "x")] },
  ],
  functions: ["count", "date_trunc"],
  foreign_keys: [
    {
      schema_name: "public",
      name: "orders",
      columns: ["customer_id"],
      references_schema: "public",
      references: "customers",
      referenced_columns: ["id"],
    },
  ],
  options: { TARGET_LAG: ["1 minute", "DOWNSTREAM"], STATEMENT_TIMEOUT: ["'10 minutes'"] },
  truncated: false,
};

/** What is offered at the sign |, or at the end. */
function offered(marked: string): string[] {
  const text = marked.replace("|", "");
  const at = marked.includes("|") ? marked.indexOf("|") : marked.length;
  const state = EditorState.create({ doc: text });
  return completer(names)(new CompletionContext(state, at, false))?.options.map(({ label }) => label) ?? [];
}

it("offers relations after FROM, by the shortest name that finds them", () => {
  expect(offered("SELECT * FROM o")).toEqual(["orders", "customers", "tpch.orders", 'tpch."Odd Name"']);
  expect(offered("SELECT * FROM tpch.")).toContain("tpch.orders");
});

it("offers the values of an option, quoted where they must be", () => {
  expect(offered("TARGET_LAG = ")).toEqual(["'1 minute'", "DOWNSTREAM"]);
  expect(offered("STATEMENT_TIMEOUT = ")).toEqual(["'10 minutes'"]);
});

it("offers the columns behind an alias, also in front of the FROM that says whose it is", () => {
  expect(offered("SELECT * FROM orders o WHERE o.")).toEqual(["id", "customer_id", "amount"]);
  expect(offered("SELECT o.| FROM orders AS o JOIN customers c ON true")).toEqual([
    "id",
    "customer_id",
    "amount",
  ]);
  expect(offered("SELECT orders.| FROM tpch.orders")).toEqual(["o_orderkey"]);
  expect(offered("SELECT tpch.")).toEqual(["orders", '"Odd Name"']);
});

it("knows the columns of subqueries and of WITH, and those of the queries around", () => {
  expect(offered("SELECT s.| FROM (SELECT id AS order_id, o.amount FROM orders o) s")).toEqual([
    "order_id",
    "amount",
  ]);
  expect(offered("WITH big AS (SELECT * FROM orders WHERE amount > 5) SELECT b.| FROM big b")).toEqual([
    "id",
    "customer_id",
    "amount",
  ]);
  expect(offered("WITH v(a, b) AS (VALUES (1, 2)) SELECT v.| FROM v")).toEqual(["a", "b"]);
  expect(offered("SELECT 1 FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.|)")).toEqual(
    ["id", "customer_id", "amount"],
  );
  expect(offered("SELECT x.| FROM orders x UNION SELECT y.id FROM customers y")).toEqual([
    "id",
    "customer_id",
    "amount",
  ]);
});

it("puts columns first in an expression, with their relation where two have the name", () => {
  const found = offered("SELECT a| FROM orders o, customers c");
  expect(found.slice(0, 5)).toEqual(["o.id", "customer_id", "amount", "c.id", "name"]);
  expect(found).toContain("count");
});

it("proposes joins along foreign keys, both ways, under an alias that is free", () => {
  expect(offered("SELECT * FROM orders o JOIN ")[0]).toBe("customers c ON c.id = o.customer_id");
  expect(offered("SELECT * FROM customers o JOIN ")[0]).toBe("orders o2 ON o2.customer_id = o.id");
});

it("offers functions inside expressions, and nothing for one letter where nothing is read", () => {
  expect(offered("SELECT cou")).toContain("count");
  expect(offered("SELECT c")).toEqual([]);
});
