import { PostgreSQL, SQLDialect } from "@codemirror/lang-sql";

const WORDS =
  "dynamic target_lag refresh_mode initialize downstream incremental adaptive on_create on_schedule verify suspend resume";

/** PostgreSQL with the words of dyntables. */
export const dyntablesSql = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: `${PostgreSQL.spec.keywords ?? ""} ${WORDS}`,
});
