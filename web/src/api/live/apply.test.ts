import { QueryClient } from "@tanstack/react-query";
import { tableDetail } from "../../testing/factories";
import { keys } from "../queries/keys";
import { planQuery } from "../queries/tables";
import type { RunningRefresh, TableDetail } from "../types";
import { apply } from "./apply";

it("tells the page of a table that a refresh of it runs, and that it has ended", () => {
  const cache = new QueryClient();
  const table = tableDetail({ id: 4 });
  cache.setQueryData(keys.table(table), table);
  cache.setQueryData([...keys.table(table), "lineage"], []);
  const running = { table_id: 4, phase: "computing" } as RunningRefresh;
  const shown = () => cache.getQueryData<TableDetail>(keys.table(table))?.running;
  apply({ type: "refresh_progress", sequence: 1, refreshes: [running] }, cache, () => undefined);
  expect(shown()).toEqual(running);
  apply({ type: "refresh_progress", sequence: 2, refreshes: [] }, cache, () => undefined);
  expect(shown()).toBeNull();
  expect(cache.getQueryData([...keys.table(table), "lineage"])).toEqual([]);
});

it("asks for a plan again after a refresh or a change of the table, and not with each state of it", () => {
  const cache = new QueryClient();
  const table = tableDetail({ id: 4 });
  const stale: (readonly unknown[])[] = [];
  apply({ type: "table_status", sequence: 1, tables: [table] }, cache, (key) => void stale.push(key));
  const { queryKey } = planQuery(table);
  expect(stale.some((key) => key.every((word, index) => word === queryKey[index]))).toBe(false);
  expect(planQuery({ ...table, version: table.version + 1 }).queryKey).not.toEqual(queryKey);
});
