import { PostgreSQL, SQLDialect, type SQLNamespace } from "@codemirror/lang-sql";
import type { Schemas } from "../../api/types";

const WORDS =
  "dynamic target_lag refresh_mode initialize downstream incremental adaptive on_create on_schedule verify suspend resume";

/** PostgreSQL with the words of dyntables. */
export const dyntablesSql = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: `${PostgreSQL.spec.keywords ?? ""} ${WORDS}`,
});

/** Names that the editor completes: schemas, their relations, columns, and what the search path shows. */
export function namespace(names: Schemas["Completions"] | undefined): SQLNamespace {
  const schemas: Record<string, SQLNamespace> = {};
  for (const schema of names?.schemas ?? []) {
    const relations: Record<string, SQLNamespace> = {};
    for (const table of schema.tables) {
      relations[table.name] = {
        self: {
          label: table.name,
          type: "type",
          detail: kind(table.kind),
          ...(table.comment ? { info: table.comment } : {}),
        },
        children: table.columns.map(({ name, type }) => ({ label: name, type: "property", detail: type })),
      };
    }
    schemas[schema.name] = relations;
  }
  return schemas;
}

function kind(name: string): string {
  return name.replaceAll("_", " ").toLowerCase();
}
