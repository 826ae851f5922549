import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { dropped, operation } from "../../testing/factories";
import { get, problem } from "../../testing/handlers";
import { show } from "../../testing/render";
import { server } from "../../testing/server";
import { TablesPage } from "./TablesPage";

it("lists what can be restored: when it was dropped, by whom, and until when it is kept", async () => {
  server.use(
    get("/dynamic-tables/dropped", [dropped(), dropped({ id: 2, name: "weekly", dropped_by: null })]),
  );
  const { address } = show(<TablesPage />, "/tables");
  await userEvent.click(await screen.findByText("Dropped: 2"));
  expect(address()).toBe("/tables?dropped=show");
  const [first, second] = await screen.findAllByRole("listitem");
  expect(first).toHaveTextContent(/analytics\.dailydropped .+ ago by ada · kept until .*\d\d:\d\d/);
  expect(second).not.toHaveTextContent(" by ");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("listitem")).toBeNull());
  expect(address()).toBe("/tables");
});

it("restores one, and no other one of its name", async () => {
  let kept = [dropped({ id: 7 })];
  const asked: string[] = [];
  server.use(
    http.get("*/api/v1/dynamic-tables/dropped", () => HttpResponse.json(kept)),
    http.post("*/api/v1/dynamic-tables/:schema/:name/undrop", ({ request }) => {
      asked.push(new URL(request.url).pathname + new URL(request.url).search);
      kept = [];
      return HttpResponse.json(operation({ kind: "UNDROP" }));
    }),
  );
  show(<TablesPage />, "/tables?dropped=show");
  await userEvent.click(await screen.findByRole("button", { name: "Restore analytics.daily" }));
  expect(await screen.findByText("analytics.daily is back; its next refresh computes it anew")).toBeVisible();
  expect(asked).toEqual(["/api/v1/dynamic-tables/analytics/daily/undrop?id=7"]);
  expect(await screen.findByText("Nothing can be restored")).toBeVisible();
});

it("says what stands in the way", async () => {
  server.use(get("/dynamic-tables/dropped", [dropped({ obstacle: "NAME_TAKEN" })]));
  show(<TablesPage />, "/tables?dropped=show");
  expect(await screen.findByText(/Something else has its name now/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Restore analytics.daily" })).toBeDisabled();
});

it("says why a table cannot be restored", async () => {
  server.use(
    get("/dynamic-tables/dropped", [dropped()]),
    http.post("*/undrop", () => problem(409, { title: "what it reads is not there any more" })),
  );
  show(<TablesPage />, "/tables?dropped=show");
  await userEvent.click(await screen.findByRole("button", { name: "Restore analytics.daily" }));
  expect(await screen.findByText("what it reads is not there any more")).toBeVisible();
  expect(screen.getByRole("button", { name: "Restore analytics.daily" })).toBeEnabled();
});

it("says that there is nothing, and how long tables are kept", async () => {
  show(<TablesPage />, "/tables");
  await userEvent.click(await screen.findByText("Dropped"));
  expect(await screen.findByText("Nothing can be restored")).toBeVisible();
  expect(screen.getByText(/DATA_RETENTION_TIME_IN_DAYS/)).toBeVisible();
});

it("says why there is no list, and asks again", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/v1/dynamic-tables/dropped", () => {
      asked += 1;
      return asked === 1 ? problem(503, { title: "no free connection" }) : HttpResponse.json([dropped()]);
    }),
  );
  show(<TablesPage />, "/tables?dropped=show");
  expect(await screen.findByText("no free connection")).toBeVisible();
  await userEvent.click(screen.getByText("Try again"));
  expect(await screen.findByRole("listitem")).toBeVisible();
});
