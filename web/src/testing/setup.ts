import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { server } from "./server";

// jsdom lays nothing out and draws nothing; these are enough for what is tested here.
globalThis.ResizeObserver = class {
  private readonly report: ResizeObserverCallback;
  constructor(report: ResizeObserverCallback) {
    this.report = report;
  }
  observe(target: Element): void {
    const entry = { contentRect: { width: 900, height: 400 }, target } as ResizeObserverEntry;
    this.report([entry], this);
  }
  unobserve(): void {
    // Nothing is kept.
  }
  disconnect(): void {
    // Nothing is kept.
  }
};
Element.prototype.scrollIntoView = () => undefined;
window.matchMedia = (query) =>
  ({
    matches: query.includes("min-width"),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
  }) as unknown as MediaQueryList;

// A machine that does much else at the same time is slow, and that is no failure.
// Whether an element is hidden costs jsdom most of its time.
configure({ asyncUtilTimeout: 15_000, defaultHidden: true });

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
});
afterAll(() => server.close());
