import type { DynamicTable } from "../../api/types";

export const NO_FILTERS = { q: "", status: "", mode: "", schema: "", sort: "status" };

export type Filters = typeof NO_FILTERS;

/** The tables that pass every filter. */
export function filterTables(tables: readonly DynamicTable[], filters: Filters): DynamicTable[] {
  const wanted = filters.q.trim().toLowerCase();
  return tables.filter(
    (table) =>
      (wanted === "" || `${table.qualified_name} ${table.comment ?? ""}`.toLowerCase().includes(wanted)) &&
      (filters.status === "" || table.status === filters.status) &&
      (filters.mode === "" || table.mode === filters.mode) &&
      (filters.schema === "" || table.schema_name === filters.schema),
  );
}
