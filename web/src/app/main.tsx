import { nonce } from "../shared/lib/nonce";
import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { makeQueryClient, Providers } from "./providers";
import { makeRouter } from "./router";

const styles = createCache({ key: "css", ...(nonce ? { nonce } : {}) });

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no element #root");

createRoot(root).render(
  <StrictMode>
    <CacheProvider value={styles}>
      <Providers client={makeQueryClient()}>
        <RouterProvider router={makeRouter()} />
      </Providers>
    </CacheProvider>
  </StrictMode>,
);
