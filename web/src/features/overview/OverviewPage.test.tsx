import { screen, within } from "@testing-library/react";
import { overview } from "../../testing/factories";
import { get, problem } from "../../testing/handlers";
import { show } from "../../testing/render";
import { server } from "../../testing/server";
import { http } from "msw";
import { OverviewPage } from "./OverviewPage";

it("says that all is fresh", async () => {
  show(<OverviewPage />);
  expect(await screen.findByText("All 2 dynamic tables are fresh.")).toBeVisible();
  expect(screen.getByText("Nothing needs attention")).toBeVisible();
});

it("names the one object to blame, and leads to it", async () => {
  const late = {
    table_id: 3,
    schema_name: "analytics",
    name: "weekly",
    status: "LATE" as const,
    health: "CRITICAL" as const,
    message: "132 s old; its target lag is 60 s",
    lag_seconds: 132,
    target_lag_seconds: 60,
    root_cause: "analytics.daily",
  };
  const blame = {
    kind: "DYNAMIC_TABLE",
    schema_name: "analytics",
    name: "daily",
    message: "its refresh fails: division by zero",
    hint: "Mend the definition.",
    affected: ["analytics.daily", "analytics.weekly"],
  };
  server.use(
    get(
      "/overview",
      overview({ fresh: false, verdict: "2 of 2 tables are not fresh.", blame, attention: [late] }),
    ),
  );
  show(<OverviewPage />);
  const verdict = (await screen.findByText("2 of 2 tables are not fresh.")).closest("[role=status]");
  if (!(verdict instanceof HTMLElement)) throw new Error("no verdict");
  expect(within(verdict).getByText("its refresh fails: division by zero")).toBeVisible();
  expect(within(verdict).getAllByRole("link", { name: "analytics.daily" })[0]).toHaveAttribute(
    "href",
    "/tables/analytics/daily",
  );
  expect(screen.getByText(/132 s old.*because of analytics.daily/)).toBeVisible();
});

it("shows an error with its hint, and tries again", async () => {
  server.use(
    http.get("*/api/v1/overview", () => problem(503, { title: "the database is away", hint: "Start it." }), {
      once: true,
    }),
  );
  show(<OverviewPage />);
  expect(await screen.findByText("the database is away")).toBeVisible();
  expect(screen.getByText("Start it.")).toBeVisible();
  screen.getByRole("button", { name: "Try again" }).click();
  expect(await screen.findByText("All 2 dynamic tables are fresh.")).toBeVisible();
});

it("offers to build the first table", async () => {
  server.use(get("/overview", overview({ counts: {} })));
  show(<OverviewPage />);
  expect(await screen.findByRole("link", { name: "Build a table" })).toHaveAttribute("href", "/builder");
});
