import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { keys } from "./keys";

/** Sources, dynamic tables and what reads what; now, or at an instant. */
export function graphQuery(at: string | null = null) {
  return queryOptions({
    queryKey: [...keys.graph, at],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/graph", { params: { query: at ? { at } : {} }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** The sources and how their changes are captured. */
export function sourcesQuery() {
  return queryOptions({
    queryKey: keys.sources,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/sources", { signal })),
  });
}
