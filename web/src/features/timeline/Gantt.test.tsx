import { fireEvent, screen } from "@testing-library/react";
import { runningRefresh } from "../../testing/factories";
import { show } from "../../testing/render";
import { Gantt } from "./Gantt";
import { lanesOf } from "./lanes";

it("shows what is at work, and who holds it up", () => {
  const blocker = {
    process_id: 12,
    user: "eve",
    application: "psql",
    address: null,
    state: "idle in transaction",
    since: null,
    query: "LOCK TABLE orders",
    blocked_by: [],
  };
  const opened: string[] = [];
  const { container } = show(
    <Gantt
      lanes={lanesOf(
        undefined,
        [],
        [
          runningRefresh({ table_id: 1, name: "busy" }),
          runningRefresh({ table_id: 2, name: "held", blocked_by: [12], blockers: [blocker] }),
        ],
      )}
      begin={Date.now() - 60_000}
      end={Date.now()}
      onOpen={() => undefined}
      onOpenTable={({ name }) => opened.push(name)}
      onZoom={() => undefined}
    />,
  );
  const bars: Element[] = [...container.querySelectorAll("[data-running]")];
  expect(bars.map((bar) => bar.getAttribute("data-running"))).toEqual(["working", "waiting"]);
  const held = bars[1] ?? container;
  fireEvent.pointerEnter(held);
  expect(screen.getByText(/waits for a lock/)).toBeVisible();
  expect(screen.getByText(/Session 12 \(eve, psql\) has it: LOCK TABLE orders/)).toBeVisible();
  fireEvent.click(held);
  expect(opened).toEqual(["held"]);
});
