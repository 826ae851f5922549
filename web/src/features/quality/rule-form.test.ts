import type { QualityKind } from "../../api/queries/quality";
import { argumentsOf, draftOf, isComplete, NEW_RULE, splitValues, usualName } from "./rule-form";

const parameter = { many: false, least: 1, words: [] };
const ACCEPTED: QualityKind = {
  name: "accepted_values",
  dimension: "validity",
  says: "",
  signature: "",
  of_rows: true,
  dynamic_only: false,
  parameters: [
    { ...parameter, name: "column", sort: "a column of the table" },
    { ...parameter, name: "value", sort: "an expression over columns of the table", many: true },
  ],
};

it("splits at commas that are in no quotes and in no parentheses", () => {
  expect(splitValues("'a, b', round(x, 2), 3,")).toEqual(["'a, b'", "round(x, 2)", "3"]);
  expect(splitValues("'it''s', x")).toEqual(["'it''s'", "x"]);
});

it("sends arguments in the order of the parameters", () => {
  const values = { value: "'DE', 'FR'", column: "country" };
  expect(argumentsOf(ACCEPTED, values)).toEqual(["country", "'DE'", "'FR'"]);
  const form = { ...NEW_RULE, table: "sales.customers", kind: "accepted_values", values };
  expect(isComplete(ACCEPTED, form)).toBe(true);
  expect(isComplete(ACCEPTED, { ...form, values: { column: "country" } })).toBe(false);
  expect(usualName(ACCEPTED, values)).toBe("country_accepted_values");
  expect(draftOf(ACCEPTED, form)).toMatchObject({
    schema_name: "sales",
    table_name: "customers",
    name: "country_accepted_values",
    tolerance: null,
    where: null,
  });
});
