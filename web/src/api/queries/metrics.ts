import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { between, renewal, stretchOf, type Span } from "../span";
import { keys } from "./keys";

/** A figure over a stretch of time, of some objects or of the whole. */
export function metricQuery(name: string, span: Span, objects: readonly string[] = []) {
  return queryOptions({
    queryKey: [...keys.metrics, name, span, objects],
    queryFn: async ({ signal }) => {
      const stretch = stretchOf(span);
      const query = { ...between(stretch), ...(objects.length > 0 ? { object: [...objects] } : {}) };
      const series = await unwrap(
        client.GET("/api/v1/metrics/{name}", { params: { path: { name }, query }, signal }),
      );
      return { ...stretch, series };
    },
    placeholderData: keepPreviousData,
    refetchInterval: renewal(span),
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
