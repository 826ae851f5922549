import type { QueryClient } from "@tanstack/react-query";
import { keys } from "../queries/keys";
import type { DynamicTable, RunningRefresh, Schemas } from "../types";
import type { LiveMessage } from "./messages";

type Overview = Schemas["Overview"];

/** Names the answers to read again; many names in a moment become one reading. */
export type Invalidate = (key: readonly unknown[]) => void;

/** Put what a message says into the cache, and name what it makes stale. */
export function apply(message: LiveMessage, cache: QueryClient, invalidate: Invalidate): void {
  switch (message.type) {
    case "table_status":
      message.tables.forEach((table) => updateTable(cache, table, invalidate));
      invalidate(keys.overview);
      invalidate(keys.graph);
      break;
    case "refresh_started":
      invalidate(keys.overview);
      invalidate(keys.running);
      break;
    case "refresh_progress":
      setRunning(cache, message.refreshes);
      break;
    case "refresh_finished":
      invalidate(keys.refreshes);
      invalidate(keys.running);
      message.refreshes.forEach((refresh) => invalidate(keys.table(refresh)));
      break;
    case "graph_changed":
      [
        keys.graph,
        keys.tables,
        keys.dropped,
        keys.overview,
        keys.sources,
        keys.completions,
        keys.everyTable,
      ].forEach(invalidate);
      break;
    case "quality":
      invalidate(keys.quality);
      break;
    case "metrics":
      setFigures(cache, message.values);
      break;
    case "alerts":
      invalidate(keys.alerts);
      break;
    case "preparation":
      cache.setQueryData(keys.preparation, message.preparation);
      break;
    case "resync":
      void cache.invalidateQueries();
      break;
    case "hello":
    case "heartbeat":
    case "operation":
      break;
  }
}

function updateTable(cache: QueryClient, table: DynamicTable, invalidate: Invalidate): void {
  cache.setQueryData<DynamicTable[]>(keys.tables, (old) => {
    if (old === undefined) return old;
    const known = old.some(({ id }) => id === table.id);
    return known ? old.map((each) => (each.id === table.id ? table : each)) : [...old, table];
  });
  cache.setQueryData<Schemas["TableDetail"]>(keys.table(table), (old) => (old ? { ...old, ...table } : old));
  invalidate(keys.table(table));
}

function setRunning(cache: QueryClient, running: RunningRefresh[]): void {
  cache.setQueryData<Overview>(keys.overview, (old) => (old ? { ...old, running } : old));
  cache.setQueryData<RunningRefresh[]>(keys.running, (old) => (old ? running : old));
  cache.setQueryData<DynamicTable[]>(keys.tables, (old) =>
    old?.map((table) => {
      const now = running.find(({ table_id }) => table_id === table.id) ?? null;
      return now === null && table.running === null ? table : { ...table, running: now };
    }),
  );
  // The pages of single tables: three words name one, more name what else is asked of it.
  cache.setQueriesData<Schemas["TableDetail"]>(
    { queryKey: keys.everyTable, predicate: ({ queryKey }) => queryKey.length === 3 },
    (table) => {
      if (table === undefined) return table;
      const now = running.find(({ table_id }) => table_id === table.id) ?? null;
      return now === null && table.running === null ? table : { ...table, running: now };
    },
  );
}

function setFigures(cache: QueryClient, values: Record<string, number>): void {
  cache.setQueryData<Overview>(keys.overview, (old) => {
    if (old === undefined) return old;
    const { changes_per_second = old.changes_per_second, ...rest } = values;
    const resources = { ...old.resources };
    for (const key in resources) if (key in rest) Object.assign(resources, { [key]: rest[key] });
    return { ...old, changes_per_second, resources };
  });
}
