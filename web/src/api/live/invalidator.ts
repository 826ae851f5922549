import type { QueryClient } from "@tanstack/react-query";
import type { Invalidate } from "./apply";

const SOON_MS = 60;
const APART_MS = 900;

/** Read stale answers again soon, but none more often than about once a second, however fast messages come. */
export function makeInvalidator(cache: QueryClient): Invalidate {
  const due = new Set<string>();
  const readAt = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    const now = Date.now();
    let next = Infinity;
    for (const name of due) {
      const wait = (readAt.get(name) ?? 0) + APART_MS - now;
      if (wait > 0) {
        next = Math.min(next, wait);
        continue;
      }
      due.delete(name);
      readAt.set(name, now);
      void cache.invalidateQueries({ queryKey: JSON.parse(name) as unknown[] });
    }
    if (next < Infinity) timer = setTimeout(flush, next);
  }

  return (key) => {
    due.add(JSON.stringify(key));
    timer ??= setTimeout(flush, SOON_MS);
  };
}
