import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { between, renewal, stretchOf, type Span } from "../span";
import type { Refresh, Schemas } from "../types";
import { keys } from "./keys";
import type { TableName } from "./tables";

/** Which refreshes; what is left out is not asked for. */
export interface RefreshFilter {
  schema_name?: string;
  name?: string;
  state?: string[];
  action?: string[];
  late?: boolean;
}

/** The history, the newest first, page by page. */
export function refreshesQuery(filter: RefreshFilter, limit = 100) {
  return infiniteQueryOptions({
    queryKey: [...keys.refreshes, "pages", filter, limit],
    initialPageParam: "",
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        client.GET("/api/v1/refreshes", {
          params: { query: { ...filter, limit, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

const MOST_PAGES = 6;

/** All refreshes of a stretch of time, up to some thousands, for the timeline. */
export function timelineQuery(span: Span, filter: RefreshFilter) {
  return queryOptions({
    queryKey: [...keys.refreshes, "timeline", span, filter],
    queryFn: async ({ signal }) => {
      const stretch = stretchOf(span);
      const items: Refresh[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page++) {
        const query: RefreshFilter & { begin: string; end: string; limit: number; cursor?: string } = {
          ...filter,
          ...between(stretch),
          limit: 1000,
          ...(cursor ? { cursor } : {}),
        };
        const answer: Schemas["Page_Refresh_"] = await unwrap(
          client.GET("/api/v1/refreshes", { params: { query }, signal }),
        );
        items.push(...answer.items);
        cursor = answer.next_cursor ?? null;
        if (cursor === null) break;
      }
      return { ...stretch, items, truncated: cursor !== null };
    },
    placeholderData: keepPreviousData,
    refetchInterval: renewal(span),
  });
}

/** The refreshes at work, in any process. */
export function runningQuery() {
  return queryOptions({
    queryKey: keys.running,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/refreshes/running", { signal })),
    refetchInterval: 5_000,
  });
}

/** One refresh with its statements. */
export function refreshQuery(id: number) {
  return queryOptions({
    queryKey: keys.refresh(id),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/refreshes/{refresh_id}", { params: { path: { refresh_id: id } }, signal })),
  });
}

/** End a session of the database that holds a refresh up. */
export function useEndSession() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (process_id: number) =>
      unwrap(client.POST("/api/v1/sessions/{process_id}/end", { params: { path: { process_id } } })),
    onSettled: () => cache.invalidateQueries({ predicate: ({ queryKey }) => keys.ofTables(queryKey) }),
  });
}

/** Cancel the refresh of a table that runs, in whichever process. */
export function useCancelRefresh() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ schema_name, name }: TableName) =>
      unwrap(
        client.POST("/api/v1/dynamic-tables/{schema}/{name}/cancel", {
          params: { path: { schema: schema_name, name } },
        }),
      ),
    onSettled: () => cache.invalidateQueries({ predicate: ({ queryKey }) => keys.ofTables(queryKey) }),
  });
}
