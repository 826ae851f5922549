import { render, type RenderResult } from "@testing-library/react";
import { createMemoryRouter, RouterProvider, type RouteObject } from "react-router";
import { makeQueryClient, Providers } from "../app/providers";

interface Shown extends RenderResult {
  /** The address as it is now. */
  address: () => string;
}

/** Show an element at an address, with everything that a page relies on. */
export function show(element: React.ReactElement, at = "/", path = "*"): Shown {
  const routes: RouteObject[] = [
    { path, element },
    { path: "*", element: <p>elsewhere</p> },
  ];
  const router = createMemoryRouter(path === "*" ? routes.slice(0, 1) : routes, { initialEntries: [at] });
  const client = makeQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  const result = render(
    <Providers client={client}>
      <RouterProvider router={router} />
    </Providers>,
  );
  return { ...result, address: () => router.state.location.pathname + router.state.location.search };
}
