import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const SERVER = process.env["DYNTABLES_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/dyntables/server/static",
    emptyOutDir: true,
    manifest: true,
    chunkSizeWarningLimit: 1000,
    // Fonts stay files: the content security policy allows no data: fonts.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: { "/api": { target: SERVER, ws: true }, "/openapi.json": SERVER },
  },
  test: {
    globals: true,
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 60_000,
  },
});
