import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { between, renewal, stretchOf, type Span } from "../span";
import { finished } from "../operation";
import type { DynamicTable, Schemas, TableDetail } from "../types";
import { keys } from "./keys";

/** What names a table in an address. */
export interface TableName {
  schema_name: string;
  name: string;
}

const path = ({ schema_name, name }: TableName): { schema: string; name: string } => ({
  schema: schema_name,
  name,
});

/** All dynamic tables. */
export function tablesQuery() {
  return queryOptions({
    queryKey: keys.tables,
    queryFn: async ({ signal }) => {
      const found: DynamicTable[] = [];
      let cursor: string | null = null;
      do {
        const page: Schemas["Page_DynamicTable_"] = await unwrap(
          client.GET("/api/v1/dynamic-tables", {
            params: { query: { limit: 1000, ...(cursor ? { cursor } : {}) } },
            signal,
          }),
        );
        found.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null);
      return found;
    },
  });
}

/** The dropped tables that can be brought back; each is kept for a time. */
export function droppedQuery() {
  return queryOptions({
    queryKey: keys.dropped,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dynamic-tables/dropped", { signal })),
    refetchInterval: 60_000,
  });
}

/** One table with its definition. */
export function tableQuery(table: TableName) {
  return queryOptions({
    queryKey: keys.table(table),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/dynamic-tables/{schema}/{name}", { params: { path: path(table) }, signal })),
    // What has the lock of a table for less than a moment is never told of by the live connection, nor its end.
    refetchInterval: ({ state }) => (state.data?.running ? 3_000 : false),
  });
}

/**
 * Its plan, with what the last refresh that did work took. It is made anew, which waits for whoever has locked a source;
 * so it is asked for again when the table has changed, or was refreshed, and not with each message about its state.
 */
export function planQuery(table: TableDetail, verbose = false) {
  const { schema_name, name, version, mode, last_refresh } = table;
  return queryOptions({
    queryKey: [...keys.plan, schema_name, name, version, mode, last_refresh?.id, verbose],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/plan", {
          params: { path: path(table), query: { verbose } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** Its lag over a stretch of time. */
export function lagQuery(table: TableName, span: Span) {
  return queryOptions({
    queryKey: [...keys.table(table), "lag", span],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/lag", {
          params: { path: path(table), query: between(stretchOf(span)) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: renewal(span),
  });
}

/** What its next refresh would do. */
export function predictionQuery(table: TableName) {
  return queryOptions({
    queryKey: [...keys.table(table), "changes"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/changes", {
          params: { path: path(table) },
          signal,
        }),
      ),
  });
}

/** Where its columns come from. */
export function lineageQuery(table: TableName) {
  return queryOptions({
    queryKey: [...keys.table(table), "lineage"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/lineage", {
          params: { path: path(table) },
          signal,
        }),
      ),
  });
}

/** The slowest chain of refreshes below it. */
export function criticalPathQuery(table: TableName) {
  return queryOptions({
    queryKey: [...keys.table(table), "critical-path"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/critical-path", {
          params: { path: path(table) },
          signal,
        }),
      ),
  });
}

/** Some rows of it. */
export function previewQuery(table: TableName, sort: { order_by?: string; descending?: boolean }) {
  return queryOptions({
    queryKey: [...keys.table(table), "preview", sort],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/preview", {
          params: { path: path(table), query: { limit: 200, ...sort } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The definitions it has had. */
export function versionsQuery(table: TableName) {
  return queryOptions({
    queryKey: [...keys.table(table), "versions"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/versions", {
          params: { path: path(table) },
          signal,
        }),
      ),
  });
}

/** Who did what to it. */
export function activityQuery(table: TableName) {
  return queryOptions({
    queryKey: [...keys.table(table), "activity"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dynamic-tables/{schema}/{name}/activity", {
          params: { path: path(table), query: { limit: 200 } },
          signal,
        }),
      ),
  });
}

function useTableMutation<In, Out>(mutationFn: (input: In) => Promise<Out>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => cache.invalidateQueries({ predicate: ({ queryKey }) => keys.ofTables(queryKey) }),
  });
}

/** Start refreshes of several tables, without waiting for them. */
export function useRefreshTables() {
  return useTableMutation((tables: readonly TableName[]) =>
    Promise.all(tables.map((table) => startRefresh(table))),
  );
}

/** Refresh a table and wait for the end. */
export function useRefreshTable() {
  return useTableMutation(async (table: TableName) => finished(await startRefresh(table)));
}

function startRefresh(table: TableName): Promise<Schemas["Operation"]> {
  return unwrap(
    client.POST("/api/v1/dynamic-tables/{schema}/{name}/refresh", { params: { path: path(table) } }),
  );
}

/** Suspend or resume tables. */
export function useSetSuspended() {
  return useTableMutation(({ tables, suspended }: { tables: readonly TableName[]; suspended: boolean }) =>
    Promise.all(
      tables.map((table) => alter(table, { scheduling_state: suspended ? "SUSPENDED" : "RUNNING" }, null)),
    ),
  );
}

type Alteration = Partial<Schemas["AlterTable"]>;

function alter(table: TableName, body: Alteration, etag: string | null): Promise<Schemas["TableDetail"]> {
  return unwrap(
    client.PATCH("/api/v1/dynamic-tables/{schema}/{name}", {
      params: { path: path(table), ...(etag ? { header: { "if-match": etag } } : {}) },
      body,
    }),
  );
}

/** Change settings of a table as it was read; if somebody else changed it meanwhile, nothing happens. */
export function useAlterTable() {
  return useTableMutation(({ table, change, etag }: { table: TableName; change: Alteration; etag: string }) =>
    alter(table, change, etag),
  );
}

/** Compare a table with its definition and wait for the result. */
export function useVerifyTable() {
  return useTableMutation(async (table: TableName) =>
    finished(
      await unwrap(
        client.POST("/api/v1/dynamic-tables/{schema}/{name}/verify", { params: { path: path(table) } }),
      ),
    ),
  );
}

/** Drop a table. */
export function useDropTable() {
  return useTableMutation(async ({ cascade = false, ...table }: TableName & { cascade?: boolean }) =>
    finished(
      await unwrap(
        client.DELETE("/api/v1/dynamic-tables/{schema}/{name}", {
          params: { path: path(table), query: { cascade } },
        }),
      ),
    ),
  );
}

/** Bring back a dropped table: that one, or none if another of its name was dropped since. */
export function useUndropTable() {
  return useTableMutation(async ({ id, ...table }: TableName & { id: number }) =>
    finished(
      await unwrap(
        client.POST("/api/v1/dynamic-tables/{schema}/{name}/undrop", {
          params: { path: path(table), query: { id } },
        }),
      ),
    ),
  );
}

/** Create or replace a table from a whole statement, and wait until it is filled. */
export function useCreateTable() {
  return useTableMutation(async (sql: string) =>
    finished(await unwrap(client.POST("/api/v1/dynamic-tables", { body: { sql, or_replace: false } }))),
  );
}
