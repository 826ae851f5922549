import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { tableDetail } from "../../testing/factories";
import { get } from "../../testing/handlers";
import { show } from "../../testing/render";
import { server } from "../../testing/server";
import { TablePage } from "./TablePage";

const RUNNING = {
  table_id: 1,
  schema_name: "analytics",
  name: "daily",
  since: "2026-11-25T08:00:00Z",
  seconds: 0.1,
  expected_seconds: 0.2,
  progress: null,
  action: null,
  phase: "between its statements",
  statement: null,
  statements: null,
  rows_done: null,
  estimated_end: null,
  waiting: false,
  wait_event: null,
  blocked_by: [],
  process_id: 7,
  application: "dyntables",
};

it("notices the end of what it was never told of", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/v1/dynamic-tables/:schema/:name", () => {
      asked += 1;
      return HttpResponse.json(tableDetail({ running: asked === 1 ? RUNNING : null }));
    }),
    get("/dynamic-tables/:schema/:name/activity", { items: [], next_cursor: null }),
  );
  show(<TablePage />, "/tables/analytics/daily/activity", "/tables/:schema/:name/:tab?");
  expect(await screen.findByRole("button", { name: "Refresh now" })).toBeDisabled();
  await waitFor(() => expect(screen.getByRole("button", { name: "Refresh now" })).toBeEnabled());
  expect(asked).toBeGreaterThan(1);
});
