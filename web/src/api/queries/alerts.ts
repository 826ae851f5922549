import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import type { Schemas } from "../types";
import { keys } from "./keys";

export type Alert = Schemas["Alert"];
export type AlertState = Schemas["State"];

/** Alerts as they stand; resolved ones, too, if asked for. */
export function alertsQuery(all = false) {
  const state: AlertState[] = all ? [] : ["pending", "firing", "error", "no_data"];
  return queryOptions({
    queryKey: [...keys.alerts, "list", all],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/alerts", { params: { query: { state, limit: 5_000 } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** The alerts of one table. */
export function tableAlertsQuery(table: string) {
  return queryOptions({
    queryKey: [...keys.alerts, "table", table],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/alerts", { params: { query: { table, limit: 200 } }, signal })),
  });
}

/** One alert: what it follows from, what follows from it, its history. */
export function alertQuery(fingerprint: string) {
  return queryOptions({
    queryKey: [...keys.alerts, "one", fingerprint],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/alerts/{fingerprint}", { params: { path: { fingerprint } }, signal })),
  });
}

/** What its rule has measured. */
export function measureQuery(fingerprint: string, hours: number) {
  return queryOptions({
    queryKey: [...keys.alerts, "measure", fingerprint, hours],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/alerts/{fingerprint}/measure", {
          params: { path: { fingerprint }, query: { hours } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** What channels were told of it. */
export function alertDeliveriesQuery(fingerprint: string) {
  return queryOptions({
    queryKey: [...keys.alerts, "deliveries", fingerprint],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/alerts/{fingerprint}/deliveries", { params: { path: { fingerprint } }, signal }),
      ),
  });
}

/** The incidents that are open. */
export function incidentsQuery(ended = false) {
  return queryOptions({
    queryKey: [...keys.alerts, "incidents", ended],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/incidents", { params: { query: { ended, limit: 200 } }, signal })),
  });
}

/** One incident. */
export function incidentQuery(incident_id: number) {
  return queryOptions({
    queryKey: [...keys.alerts, "incident", incident_id],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/incidents/{incident_id}", { params: { path: { incident_id } }, signal })),
  });
}

/** How people fare. */
export function reportQuery(days: number) {
  return queryOptions({
    queryKey: [...keys.alerts, "report", days],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/incidents/report", { params: { query: { days } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** What can be done about an alert, by the word of its address. */
export interface Deeds {
  acknowledge: Schemas["Acknowledge"];
  assign: Schemas["Assign"];
  comment: Schemas["Comment"];
  snooze: Schemas["Snooze"];
  resolve: Schemas["Resolve"];
}

/** Something that is done about alerts. */
export type Deed = {
  [Name in keyof Deeds]: { fingerprints: readonly string[]; deed: Name; body: Deeds[Name] };
}[keyof Deeds];

/** Do something about alerts, one after the other. */
export function useDeed() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ fingerprints, deed, body }: Deed) => {
      // All of them are written alike; the type of one stands for all.
      const path = `/api/v1/alerts/{fingerprint}/${deed}` as "/api/v1/alerts/{fingerprint}/acknowledge";
      for (const fingerprint of fingerprints) {
        await unwrap(
          client.POST(path, { params: { path: { fingerprint } }, body: body as Deeds["acknowledge"] }),
        );
      }
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.alerts }),
  });
}

/** Acknowledge all that fires of an incident. */
export function useAcknowledgeIncident() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (incident_id: number) =>
      unwrap(
        client.POST("/api/v1/incidents/{incident_id}/acknowledge", {
          params: { path: { incident_id } },
          body: {},
        }),
      ),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.alerts }),
  });
}
