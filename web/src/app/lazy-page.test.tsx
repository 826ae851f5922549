import { render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { Boundary } from "../shared/ui/Boundary";
import { lazyPage } from "./lazy-page";

it("asks again for a page that could not be fetched", async () => {
  const load = vi
    .fn<() => Promise<{ Page: () => React.ReactElement }>>()
    .mockRejectedValueOnce(new TypeError("Failed to fetch dynamically imported module"))
    .mockResolvedValue({ Page: () => <p>here it is</p> });
  const Page = lazyPage(load, "Page");
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const shown = (key: string): React.ReactElement => (
    <Boundary key={key}>
      <Suspense fallback="loading">
        <Page />
      </Suspense>
    </Boundary>
  );
  const { rerender } = render(shown("first visit"));
  expect(await screen.findByText(/Failed to fetch/)).toBeInTheDocument();
  expect(load).toHaveBeenCalledTimes(1);
  await new Promise((resolve) => setTimeout(resolve, 700));
  rerender(shown("second visit"));
  expect(await screen.findByText("here it is")).toBeInTheDocument();
});
