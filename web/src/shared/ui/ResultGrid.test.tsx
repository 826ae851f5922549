import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { show } from "../../testing/render";
import { ResultGrid } from "./ResultGrid";

it("lets no long value into the page, and shows it when it is asked for", async () => {
  const long = "x".repeat(2_000_000);
  show(
    <ResultGrid
      label="rows"
      columns={[
        { name: "id", type: "int4" },
        { name: "body", type: "text" },
      ]}
      rows={[
        ["1", "short"],
        ["2", long],
      ]}
    />,
  );
  const button = await screen.findByText("Show 1.9 MB");
  expect(document.body.innerHTML.length).toBeLessThan(100_000);
  await userEvent.click(button);
  expect(await screen.findByText("body, row 2")).toBeVisible();
  expect(document.body.innerHTML.length).toBeLessThan(300_000);
  expect(screen.getByText(/The first 98 kB of 1.9 MB/)).toBeVisible();
});
