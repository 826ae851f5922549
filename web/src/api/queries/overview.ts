import { queryOptions } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { keys } from "./keys";

/** Everything of the first page. */
export function overviewQuery() {
  return queryOptions({
    queryKey: keys.overview,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/overview", { signal })),
    refetchInterval: 5_000,
  });
}

/** What the server has prepared so far; asked often while it is at it. */
export function preparationQuery() {
  return queryOptions({
    queryKey: keys.preparation,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/preparation", { signal })),
    refetchInterval: ({ state }) => (state.data?.active && !state.data.ready ? 1_000 : 60_000),
  });
}
