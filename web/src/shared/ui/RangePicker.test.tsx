import { fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useTimeRange } from "../hooks/use-time-range";
import { show } from "../../testing/render";
import { RangePicker } from "./RangePicker";

function Picked(): React.ReactElement {
  const range = useTimeRange("1h");
  return (
    <>
      <RangePicker range={range} />
      <output>{JSON.stringify(range.span)}</output>
    </>
  );
}

it("takes a range with its own ends, keeps it in the address, and returns to a window", async () => {
  show(<Picked />);
  expect(screen.getByRole("status")).toHaveTextContent('{"seconds":3600}');
  expect(screen.getByText(Intl.DateTimeFormat().resolvedOptions().timeZone)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: /^From – to: / }));
  fireEvent.change(screen.getByLabelText("From"), { target: { value: "2026-11-25T08:00:00" } });
  fireEvent.change(screen.getByLabelText("To"), { target: { value: "2026-11-25T07:00:00" } });
  expect(screen.getByText("Show")).toBeDisabled();
  expect(screen.getByText("It must end after it begins")).toBeVisible();
  fireEvent.change(screen.getByLabelText("To"), { target: { value: "2026-11-25T09:30:00" } });
  await userEvent.click(screen.getByText("Show"));
  const from = new Date("2026-11-25T08:00:00").getTime();
  expect(screen.getByRole("status")).toHaveTextContent(JSON.stringify({ from, to: from + 5_400_000 }));
  // Whoever speaks to the app says what is shown.
  const picker = screen.getByRole("button", { name: /: choose from when to when$/ });
  expect(picker).toHaveAccessibleName(expect.stringContaining(picker.textContent));
  await userEvent.click(screen.getByText("15m"));
  expect(screen.getByRole("status")).toHaveTextContent('{"seconds":900}');
});
