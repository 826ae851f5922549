import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { operation, tableDetail } from "../../testing/factories";
import { problem } from "../../testing/handlers";
import { show } from "../../testing/render";
import { server } from "../../testing/server";
import { TableActions } from "./TableActions";

const PAGE = "/tables/analytics/daily";
const PATH = "/tables/:schema/:name";

async function drop(): Promise<void> {
  await userEvent.click(screen.getByRole("button", { name: "More actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Drop" }));
  await userEvent.click(await screen.findByRole("button", { name: "Drop" }));
  await screen.findByText("analytics.daily dropped");
}

beforeEach(() =>
  server.use(
    http.delete("*/api/v1/dynamic-tables/:schema/:name", () =>
      HttpResponse.json(operation({ kind: "DROP" })),
    ),
  ),
);

it("drops the table, and takes it back from wherever that leads", async () => {
  const asked: string[] = [];
  server.use(
    http.post("*/undrop", ({ request }) => {
      asked.push(new URL(request.url).pathname + new URL(request.url).search);
      return HttpResponse.json(operation({ kind: "UNDROP" }));
    }),
  );
  const { address } = show(<TableActions table={tableDetail({ id: 9 })} />, PAGE, PATH);
  await drop();
  await waitFor(() => expect(address()).toBe("/tables"));
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText("analytics.daily is back; its next refresh computes it anew")).toBeVisible();
  expect(asked).toEqual(["/api/v1/dynamic-tables/analytics/daily/undrop?id=9"]);
});

it("says why it could not be taken back", async () => {
  server.use(http.post("*/undrop", () => problem(409, { title: "the name has been taken" })));
  show(<TableActions table={tableDetail()} />, PAGE, PATH);
  await drop();
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText("the name has been taken")).toBeVisible();
});

it("offers no way back where there is none, and says so before", async () => {
  show(<TableActions table={tableDetail({ retention_days: 0 })} />, PAGE, PATH);
  await userEvent.click(screen.getByRole("button", { name: "More actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Drop" }));
  expect(await screen.findByText(/It cannot be brought back/)).toBeVisible();
  await userEvent.click(await screen.findByRole("button", { name: "Drop" }));
  expect(await screen.findByText("analytics.daily dropped")).toBeVisible();
  expect(screen.queryByText("Undo")).toBeNull();
});

it("suspends, and says it if that cannot be taken back", async () => {
  let sent = 0;
  server.use(
    http.patch("*/api/v1/dynamic-tables/:schema/:name", () => {
      sent += 1;
      return sent === 1 ? HttpResponse.json(tableDetail()) : problem(409, { title: "somebody dropped it" });
    }),
  );
  show(<TableActions table={tableDetail()} />, PAGE, PATH);
  await userEvent.click(screen.getByRole("button", { name: "Suspend" }));
  expect(await screen.findByText("daily suspended")).toBeVisible();
  await userEvent.click(screen.getByText("Undo"));
  expect(await screen.findByText("somebody dropped it")).toBeVisible();
});
