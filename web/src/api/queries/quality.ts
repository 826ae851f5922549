import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { finished } from "../operation";
import { between, renewal, stretchOf, type Span } from "../span";
import type { Schemas } from "../types";
import { keys } from "./keys";
import type { TableName } from "./tables";

export type QualityRule = Schemas["QualityRule"];
export type QualityKind = Schemas["QualityKind"];
export type TableScored = Schemas["TableScored"];
export type RuleDraft = Schemas["RuleDraft"];
export type Severity = QualityRule["severity"];
export type OnViolation = Schemas["OnViolation"];
export type RuleSuggestion = Schemas["RuleSuggestion"];

/** What names a rule in an address. */
export interface RuleName extends TableName {
  rule: string;
}

const path = ({ schema_name, name }: TableName): { schema: string; name: string } => ({
  schema: schema_name,
  name,
});

/** The kinds of rules; they change with the program only. */
export function kindsQuery() {
  return queryOptions({
    queryKey: ["quality-kinds"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/quality/kinds", { signal })),
    staleTime: Infinity,
  });
}

/** The tables that have rules, with their newest scores. */
export function scoresQuery() {
  return queryOptions({
    queryKey: [...keys.quality, "tables"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/quality/tables", { signal })),
  });
}

/** The scores of one table over a stretch of time. */
export function tableScoresQuery(table: TableName, span: Span) {
  return queryOptions({
    queryKey: [...keys.quality, "scores", table.schema_name, table.name, span],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/quality/tables/{schema}/{name}", {
          params: { path: path(table), query: between(stretchOf(span)) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: renewal(span),
    retry: false,
  });
}

/** The rules of a table. */
export function rulesQuery({ schema_name, name }: TableName) {
  return queryOptions({
    queryKey: [...keys.quality, "rules", schema_name, name],
    queryFn: async ({ signal }) => {
      const query = { schema_name, table_name: name, limit: 1000 };
      const page = await unwrap(client.GET("/api/v1/quality/rules", { params: { query }, signal }));
      return page.items;
    },
  });
}

/** The rules of all tables that do not hold, a page of them. */
export function failingQuery() {
  return queryOptions({
    queryKey: [...keys.quality, "failing"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/quality/rules", {
          params: { query: { state: ["FAILED", "ERROR"], limit: 200 } },
          signal,
        }),
      ),
  });
}

/** One rule. */
export function ruleQuery(rule: RuleName) {
  return queryOptions({
    queryKey: [...keys.quality, "rule", rule.schema_name, rule.name, rule.rule],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/quality/tables/{schema}/{name}/rules/{rule}", {
          params: { path: { ...path(rule), rule: rule.rule } },
          signal,
        }),
      ),
  });
}

/** A page of the rows that fail a rule now. */
export function violationsQuery(rule: RuleName, limit: number, offset: number) {
  return queryOptions({
    queryKey: [...keys.quality, "violations", rule.schema_name, rule.name, rule.rule, limit, offset],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/quality/tables/{schema}/{name}/rules/{rule}/violations", {
          params: { path: { ...path(rule), rule: rule.rule }, query: { limit, offset } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** What the newest checks of a rule found. */
export function resultsQuery({ schema_name, name, rule }: RuleName) {
  return queryOptions({
    queryKey: [...keys.quality, "results", schema_name, name, rule],
    queryFn: async ({ signal }) => {
      const query = { schema_name, table_name: name, rule, limit: 200 };
      const page = await unwrap(client.GET("/api/v1/quality/results", { params: { query }, signal }));
      return page.items.map(({ result }) => result);
    },
  });
}

/** What was known of each rule of a table at two instants. */
export function comparisonQuery(table: TableName, before: number, after: number) {
  return queryOptions({
    queryKey: [...keys.quality, "compare", table.schema_name, table.name, before, after],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/quality/tables/{schema}/{name}/compare", {
          params: {
            path: path(table),
            query: { before: new Date(before).toISOString(), after: new Date(after).toISOString() },
          },
          signal,
        }),
      ),
    enabled: Number.isFinite(before) && Number.isFinite(after),
    placeholderData: keepPreviousData,
  });
}

/** Rules that hold of what is in a table; it is looked at for this. */
export function suggestionsQuery(table: TableName) {
  return queryOptions({
    queryKey: ["quality-suggestions", table.schema_name, table.name],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/quality/tables/{schema}/{name}/suggestions", {
          params: { path: path(table) },
          signal,
        }),
      ),
    staleTime: 60_000,
    retry: false,
  });
}

/** The statement that makes a rule. */
export function ruleSqlQuery(draft: RuleDraft, complete: boolean) {
  return queryOptions({
    queryKey: ["quality-sql", draft],
    queryFn: ({ signal }) =>
      unwrap(
        client.POST("/api/v1/quality/rules/preview", {
          params: { query: { look: false } },
          body: draft,
          signal,
        }),
      ),
    enabled: complete,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function useQualityMutation<In, Out>(mutationFn: (input: In) => Promise<Out>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () =>
      cache.invalidateQueries({
        predicate: ({ queryKey: [first] }) => first === "quality" || first === "quality-suggestions",
      }),
  });
}

/** Count what a rule would find on the present rows. */
export function usePreviewRule() {
  return useMutation({
    mutationFn: (draft: RuleDraft) =>
      unwrap(client.POST("/api/v1/quality/rules/preview", { body: draft, params: { query: {} } })),
  });
}

/** Store a rule. */
export function useSaveRule() {
  return useQualityMutation((body: RuleDraft & { or_replace: boolean }) =>
    unwrap(client.POST("/api/v1/quality/rules", { body })),
  );
}

/** Suspend or resume a rule. */
export function useEnableRule() {
  return useQualityMutation(({ rule, enabled }: { rule: RuleName; enabled: boolean }) =>
    unwrap(
      client.PATCH("/api/v1/quality/tables/{schema}/{name}/rules/{rule}", {
        params: { path: { ...path(rule), rule: rule.rule } },
        body: { enabled, tolerance_percent: false },
      }),
    ),
  );
}

/** Drop a rule with its history. */
export function useDropRule() {
  return useQualityMutation((rule: RuleName) =>
    unwrap(
      client.DELETE("/api/v1/quality/tables/{schema}/{name}/rules/{rule}", {
        params: { path: { ...path(rule), rule: rule.rule } },
      }),
    ),
  );
}

/** Check all rules of a table, and wait for the end. */
export function useCheckTable() {
  return useQualityMutation(async (table: TableName) =>
    finished(
      await unwrap(
        client.POST("/api/v1/quality/tables/{schema}/{name}/check", { params: { path: path(table) } }),
      ),
    ),
  );
}
