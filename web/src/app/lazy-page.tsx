import { lazy, type ComponentType, type LazyExoticComponent } from "react";

const RELOADED = "dyntables.reloaded";
const PAUSE_MS = 10_000;
const REST_MS = 500;

/**
 * A page that is fetched when it is asked for. One that could not be fetched is asked for again the next time; as some
 * browsers keep the failure until the document is loaded anew, a second failure loads it.
 */
export function lazyPage<Name extends string>(
  load: () => Promise<Record<Name, () => React.ReactElement>>,
  name: Name,
): ComponentType {
  let failures = 0;
  const make = (): LazyExoticComponent<() => React.ReactElement> =>
    lazy<() => React.ReactElement>(() =>
      load().then(
        (module) => ({ default: module[name] }),
        (error: unknown) => {
          failures += 1;
          // Not at once: rendering is tried again right after an error, and would fetch without end.
          setTimeout(() => {
            Current = make();
          }, REST_MS);
          if (failures > 1 && navigator.onLine) reloadOnce();
          throw error;
        },
      ),
    );
  let Current = make();
  return function LazyPage() {
    const Present = Current;
    return <Present />;
  };
}

function reloadOnce(): void {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
  if (Date.now() - last < PAUSE_MS) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
}
