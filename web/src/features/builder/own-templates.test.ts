import type { Schemas } from "../../api/types";
import { sourcesOf, templatesOf } from "./own-templates";

const column = (name: string, type: string): Schemas["TableColumn"] => ({ name, type });
const names: Schemas["Completions"] = {
  search_path: ["public"],
  functions: [],
  options: {},
  truncated: false,
  schemas: [
    {
      name: "public",
      tables: [
        {
          name: "notes",
          kind: "TABLE",
          comment: null,
          columns: [column("id", "bigint"), column("body", "bytea")],
        },
        {
          name: "Buyers",
          kind: "TABLE",
          comment: null,
          columns: [column("id", "bigint"), column("name", "text")],
        },
      ],
    },
    {
      name: "shop",
      tables: [
        {
          name: "sales",
          kind: "TABLE",
          comment: null,
          columns: [
            column("id", "bigint"),
            column("buyer_id", "bigint"),
            column("sold_at", "timestamp with time zone"),
            column("order", "text"),
            column("amount", "numeric(12,2)"),
          ],
        },
      ],
    },
  ],
  foreign_keys: [
    {
      schema_name: "shop",
      name: "sales",
      columns: ["buyer_id"],
      references_schema: "public",
      references: "Buyers",
      referenced_columns: ["id"],
    },
  ],
};

const templates = (wanted: string) =>
  sourcesOf(names)
    .filter(({ name }) => name === wanted)
    .flatMap((source) => templatesOf(source, names.search_path));

it("begins with the table that refers to others, and makes of it what its columns allow", () => {
  const sources = sourcesOf(names);
  expect(sources.map(({ name }) => name)).toEqual(["sales", "notes", "Buyers"]);
  const made = Object.fromEntries(templates("sales").map(({ id, sql }) => [id, sql]));
  expect(Object.keys(made)).toEqual(["totals", "enrich", "latest", "top", "growth", "recent", "missing"]);
  expect(made["totals"]).toContain(
    "SELECT sold_at::date AS day, count(*) AS number, sum(amount) AS total_amount\nFROM shop.sales\nGROUP BY sold_at::date",
  );
  expect(made["enrich"]).toContain(
    'SELECT f.id, f.buyer_id, f.sold_at, f."order", f.amount, d.name\nFROM shop.sales f\nJOIN "Buyers" d ON d.id = f.buyer_id',
  );
  expect(made["latest"]).toContain(
    "DISTINCT ON (buyer_id) *\nFROM shop.sales\nORDER BY buyer_id, sold_at DESC",
  );
  expect(made["missing"]).toContain(
    'FROM "Buyers" d\nWHERE NOT EXISTS (SELECT 1 FROM shop.sales f WHERE f.buyer_id = d.id)',
  );
  expect(made["top"]).toContain('PARTITION BY "order" ORDER BY amount DESC');
});

it("offers nothing of a table without times, numbers and keys", () => {
  expect(templates("notes")).toEqual([]);
});
