import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { table, tableDetail } from "../../testing/factories";
import { get } from "../../testing/handlers";
import { show } from "../../testing/render";
import { server } from "../../testing/server";
import { TablesPage } from "./TablesPage";

const TABLES = [
  table({ id: 1, name: "daily" }),
  table({ id: 2, name: "weekly", status: "LATE" }),
  table({ id: 3, name: "monthly", mode: "FULL" }),
];

beforeEach(() => server.use(get("/dynamic-tables", { items: TABLES, next_cursor: null })));

it("filters by the address", async () => {
  show(<TablesPage />, "/tables?status=LATE");
  expect(await screen.findByText("weekly")).toBeVisible();
  expect(screen.queryByText("daily")).toBeNull();
  expect(screen.getByText("1 table")).toBeVisible();
});

it("keeps what is typed in the address", async () => {
  const { address } = show(<TablesPage />, "/tables");
  await screen.findByText("daily");
  await userEvent.type(screen.getByPlaceholderText("Filter by name"), "month");
  await waitFor(() => expect(address()).toBe("/tables?q=month"));
  expect(screen.queryByText("daily")).toBeNull();
});

it("suspends the chosen tables, and takes it back", async () => {
  const sent: [string, unknown, string | null][] = [];
  server.use(
    http.patch("*/api/v1/dynamic-tables/:schema/:name", async ({ params, request }) => {
      sent.push([String(params["name"]), await request.json(), request.headers.get("X-CSRF-Token")]);
      return HttpResponse.json(tableDetail());
    }),
  );
  show(<TablesPage />, "/tables");
  await screen.findByText("daily");
  const [first] = screen.getAllByLabelText("Select row");
  if (first === undefined) throw new Error("no row can be chosen");
  await userEvent.click(first);
  await userEvent.click(screen.getByText("Suspend"));
  expect(await screen.findByText("1 table suspended")).toBeVisible();
  await userEvent.click(screen.getByText("Undo"));
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent.map(([, body]) => body)).toEqual([
    { scheduling_state: "SUSPENDED" },
    { scheduling_state: "RUNNING" },
  ]);
  expect(sent[0]?.[0]).toBe("weekly");
  expect(sent[0]?.[2]).not.toBeNull();
});
