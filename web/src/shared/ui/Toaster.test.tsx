import { act, fireEvent, render, screen } from "@testing-library/react";
import { say } from "../lib/toasts";
import { Toaster } from "./Toaster";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function pass(milliseconds: number): void {
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });
}

it("goes by itself, but not under the pointer or the focus", () => {
  render(<Toaster />);
  act(() => {
    say({ message: "dropped", severity: "success", seconds: 10, undo: () => undefined });
  });
  const undo = screen.getByText("Undo");
  fireEvent.focus(undo);
  pass(60_000);
  expect(screen.getByText("dropped")).toBeVisible();
  fireEvent.blur(undo);
  fireEvent.mouseEnter(screen.getByRole("alert"));
  pass(60_000);
  expect(screen.getByText("dropped")).toBeVisible();
  fireEvent.mouseLeave(screen.getByRole("alert"));
  pass(11_000);
  expect(screen.queryByText("dropped")).toBeNull();
});
