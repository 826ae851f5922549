import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import type { Schemas } from "../types";
import { keys } from "./keys";

/** What is watched. */
export function rulesQuery() {
  return queryOptions({
    queryKey: [...keys.alerting, "rules"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alert-rules", { signal })),
  });
}

/** The kinds of conditions. */
export function conditionsQuery() {
  return queryOptions({
    queryKey: [...keys.alerting, "conditions"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alert-conditions", { signal })),
    staleTime: Infinity,
  });
}

/** What a rule would have done. */
export function dryRunQuery(body: Schemas["DryRun"] | null) {
  return queryOptions({
    queryKey: [...keys.alerting, "dry-run", body],
    queryFn: ({ signal }) =>
      unwrap(client.POST("/api/v1/alert-rules/dry-run", { body: body ?? ({} as Schemas["DryRun"]), signal })),
    enabled: body !== null,
    retry: false,
  });
}

/** Where messages go; for admins. */
export function channelsQuery() {
  return queryOptions({
    queryKey: [...keys.alerting, "channels"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/channels", { signal })),
  });
}

/** The newest messages; for admins. */
export function deliveriesQuery() {
  return queryOptions({
    queryKey: [...keys.alerts, "all-deliveries"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/deliveries", { signal })),
    refetchInterval: 10_000,
  });
}

/** What is silenced now or later. */
export function silencesQuery() {
  return queryOptions({
    queryKey: [...keys.alerting, "silences"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/silences", { signal })),
  });
}

/** What a silence would hit. */
export function hitQuery(matchers: string[]) {
  return queryOptions({
    queryKey: [...keys.alerts, "hit", matchers],
    queryFn: ({ signal }) => unwrap(client.POST("/api/v1/silences/preview", { body: { matchers }, signal })),
    enabled: matchers.length > 0,
    retry: false,
  });
}

/** A node of the routing tree, as files write it. */
export interface RouteNode {
  name?: string;
  channel?: string;
  matchers?: string[];
  group_by?: string[];
  group_wait?: number;
  continue?: boolean;
  mute_timings?: string[];
  escalation?: { channel: string; after: number }[];
  routes?: RouteNode[];
}

/** The routing tree as a document. */
export interface RouteDocument {
  route: RouteNode;
  mute_timings: Record<string, unknown>;
}

/** The routing tree; null if nobody has made one. */
export function routesQuery() {
  return queryOptions({
    queryKey: [...keys.alerting, "routes"],
    queryFn: async ({ signal }) => {
      const found = await unwrap(client.GET("/api/v1/routes", { signal }));
      return "route" in found ? ({ mute_timings: {}, ...found } as unknown as RouteDocument) : null;
    },
  });
}

/** Read what somebody has written; null if it is no JSON. The server says whether it is a tree. */
export function readRoutes(text: string): RouteDocument | null {
  try {
    return { route: {}, mute_timings: {}, ...(JSON.parse(text) as Partial<RouteDocument>) };
  } catch {
    return null;
  }
}

/** Where an alert with some labels would go. */
export function whereToQuery(labels: Record<string, string>) {
  return queryOptions({
    queryKey: [...keys.alerting, "routes", "test", labels],
    queryFn: ({ signal }) => unwrap(client.POST("/api/v1/routes/test", { body: { labels }, signal })),
  });
}

function useChange<In, Out>(mutationFn: (input: In) => Promise<Out>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: keys.alerting });
      await cache.invalidateQueries({ queryKey: keys.alerts });
    },
  });
}

/** Add or replace a rule. */
export function usePutRule() {
  return useChange((body: Schemas["PutRule"]) => unwrap(client.POST("/api/v1/alert-rules", { body })));
}

/** Remove a rule. */
export function useRemoveRule() {
  return useChange((name: string) =>
    unwrap(client.DELETE("/api/v1/alert-rules/{name}", { params: { path: { name } } })),
  );
}

/** Add or replace a channel. */
export function usePutChannel() {
  return useChange((body: Schemas["PutChannel"]) => unwrap(client.POST("/api/v1/channels", { body })));
}

/** Remove a channel. */
export function useRemoveChannel() {
  return useChange((name: string) =>
    unwrap(client.DELETE("/api/v1/channels/{name}", { params: { path: { name } } })),
  );
}

/** Send a test message. */
export function useTestChannel() {
  return useChange((name: string) =>
    unwrap(client.POST("/api/v1/channels/{name}/test", { params: { path: { name } } })),
  );
}

/** Send a message that was given up again. */
export function useSendAgain() {
  return useChange((message_id: number) =>
    unwrap(client.POST("/api/v1/deliveries/{message_id}/send-again", { params: { path: { message_id } } })),
  );
}

/** Add a silence. */
export function useAddSilence() {
  return useChange((body: Schemas["AddSilence"]) => unwrap(client.POST("/api/v1/silences", { body })));
}

/** End a silence. */
export function useExpireSilence() {
  return useChange((silence_id: number) =>
    unwrap(client.DELETE("/api/v1/silences/{silence_id}", { params: { path: { silence_id } } })),
  );
}

/** Replace the routing tree. */
export function usePutRoutes() {
  return useChange(({ route, mute_timings }: RouteDocument) =>
    unwrap(client.PUT("/api/v1/routes", { body: { route: { ...route }, mute_timings } })),
  );
}
