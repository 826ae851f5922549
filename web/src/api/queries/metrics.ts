import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { keys } from "./keys";

/** A figure over the last `seconds`, of some objects or of the whole. */
export function metricQuery(name: string, seconds: number, objects: readonly string[] = []) {
  return queryOptions({
    queryKey: [...keys.metrics, name, seconds, objects],
    queryFn: ({ signal }) => {
      const end = Date.now();
      const query = {
        begin: new Date(end - seconds * 1_000).toISOString(),
        end: new Date(end).toISOString(),
        ...(objects.length > 0 ? { object: [...objects] } : {}),
      };
      return unwrap(client.GET("/api/v1/metrics/{name}", { params: { path: { name }, query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
}

/** What to change, and why. */
export function recommendationsQuery() {
  return queryOptions({
    queryKey: keys.recommendations,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/recommendations", { signal })),
    staleTime: 30_000,
  });
}
