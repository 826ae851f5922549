import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import type { TableDetail } from "../../../api/types";
import { tableDetail } from "../../../testing/factories";
import { show } from "../../../testing/render";
import { server } from "../../../testing/server";
import { SettingsTab } from "./SettingsTab";

type Sent = [path: string, body: unknown, etag: string | null];

/** Answer changes as the server does, and keep them. */
function takeChanges(table: TableDetail): Sent[] {
  const sent: Sent[] = [];
  let present = table;
  server.use(
    http.patch("*/api/v1/dynamic-tables/:schema/:name", async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>;
      sent.push([new URL(request.url).pathname, body, request.headers.get("If-Match")]);
      const { new_name, ...rest } = body;
      present = { ...present, ...rest, etag: `"${sent.length + 1}"` };
      if (typeof new_name === "string") present = { ...present, name: new_name };
      return HttpResponse.json(present);
    }),
  );
  return sent;
}

async function retype(label: RegExp, text: string): Promise<void> {
  const field = screen.getByLabelText(label);
  await userEvent.clear(field);
  await userEvent.type(field, text);
}

it("changes the target lag, and takes it back as long as nobody changed it since", async () => {
  const sent = takeChanges(tableDetail());
  show(<SettingsTab table={tableDetail()} />);
  await retype(/Target lag/, "5 minutes");
  await userEvent.click(screen.getByText("Save"));
  expect(await screen.findByText("Saved")).toBeVisible();
  await userEvent.click(screen.getByText("Undo"));
  await waitFor(() => expect(sent).toHaveLength(2));
  const path = "/api/v1/dynamic-tables/analytics/daily";
  expect(sent).toEqual([
    [path, { target_lag: "5 minutes" }, '"1"'],
    [path, { target_lag: "1 minute" }, '"2"'],
  ]);
});

it("takes a new name back, and leads to the page of the old one", async () => {
  const sent = takeChanges(tableDetail());
  const { address } = show(<SettingsTab table={tableDetail()} />);
  await retype(/Name/, "days");
  await userEvent.click(screen.getByText("Save"));
  await waitFor(() => expect(address()).toBe("/tables/analytics/days/settings"));
  await userEvent.click(await screen.findByText("Undo"));
  await waitFor(() => expect(address()).toBe("/tables/analytics/daily/settings"));
  expect(sent[1]).toEqual(["/api/v1/dynamic-tables/analytics/days", { new_name: "daily" }, '"2"']);
});

it("offers no way back from a target lag to a schedule", async () => {
  const table = tableDetail({ schedule: "0 * * * *", target_lag: "DOWNSTREAM" });
  takeChanges(table);
  show(<SettingsTab table={table} />);
  await retype(/Target lag/, "5 minutes");
  await userEvent.click(screen.getByText("Save"));
  expect(await screen.findByText("Saved")).toBeVisible();
  expect(screen.queryByText("Undo")).toBeNull();
});
