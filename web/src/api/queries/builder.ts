import { queryOptions, useMutation } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { keys } from "./keys";

/** Names for an editor. */
export function completionsQuery() {
  return queryOptions({
    queryKey: keys.completions,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/completions", { signal })),
    staleTime: 60_000,
  });
}

/** Statements to begin with. */
export function templatesQuery() {
  return queryOptions({
    queryKey: keys.templates,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/templates", { signal })),
    staleTime: Infinity,
  });
}

/** What a statement would be, or what is wrong with it and where. */
export function validationQuery(sql: string) {
  return queryOptions({
    queryKey: ["validation", sql],
    queryFn: ({ signal }) => unwrap(client.POST("/api/v1/validate", { body: { sql }, signal })),
    enabled: sql.trim() !== "",
    retry: false,
    staleTime: 30_000,
  });
}

interface Explain {
  sql: string;
  changedRows: number;
}

/** Explain, estimate and try a statement; nothing is stored. */
export function useExplainDraft() {
  return useMutation({
    mutationFn: ({ sql, changedRows }: Explain) =>
      unwrap(client.POST("/api/v1/explain", { body: { sql, sample_rows: 50, changed_rows: changedRows } })),
  });
}
