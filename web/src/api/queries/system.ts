import { queryOptions } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { keys } from "./keys";

/** What runs here. */
export function systemQuery() {
  return queryOptions({
    queryKey: keys.system,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/system", { signal })),
    staleTime: 60_000,
  });
}

/** Who did what, to everything. */
export function auditQuery(who: string) {
  return queryOptions({
    queryKey: [...keys.audit, who],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/audit", { params: { query: { limit: 200, ...(who ? { who } : {}) } }, signal }),
      ),
  });
}
