import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { templatesQuery } from "../../api/queries/builder";
import { tableQuery } from "../../api/queries/tables";
import { orReplace } from "./statement";

const KEPT = "dyntables.draft";

export interface Draft {
  sql: string;
  setSql: (sql: string) => void;
  /** The table that is edited, if one is. */
  editing: string | null;
}

/**
 * The statement at work. The address may name a table to edit or a template to begin with; otherwise it is what was
 * typed last in this tab.
 */
export function useDraft(): Draft {
  const [params, setParams] = useSearchParams();
  const table = { schema_name: params.get("schema") ?? "", name: params.get("name") ?? "" };
  const wanted = params.get("template");
  const [sql, setSql] = useState(() => sessionStorage.getItem(KEPT) ?? "");
  const edited = useQuery({ ...tableQuery(table), enabled: table.name !== "" });
  const templates = useQuery(templatesQuery());
  const begin = table.name !== "" ? edited.data?.ddl : templates.data?.find(({ id }) => id === wanted)?.sql;
  const [begun, setBegun] = useState("");
  const origin = table.name !== "" ? `${table.schema_name}.${table.name}` : (wanted ?? "");

  // The text of the address is taken once; what is typed after that stays.
  if (begin !== undefined && origin !== "" && begun !== origin) {
    setBegun(origin);
    setSql(table.name !== "" ? orReplace(begin) : begin);
  }

  useEffect(() => {
    sessionStorage.setItem(KEPT, sql);
  }, [sql]);

  return {
    sql,
    editing: table.name === "" ? null : origin,
    setSql: (next) => {
      setSql(next);
      if (wanted !== null && next === "") setParams({}, { replace: true });
    },
  };
}
