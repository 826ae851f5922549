import type { QueryClient } from "@tanstack/react-query";
import type { Invalidate } from "./apply";

const SOON_MS = 60;
const APART_MS = 900;
const ON_ITS_WAY_MS = 200;

/**
 * Read stale answers again soon, but none more often than about once a second, however fast messages come, and none that
 * is on its way: a slow server would be asked ever more, and what it has begun to answer would be thrown away.
 */
export function makeInvalidator(cache: QueryClient): Invalidate {
  const due = new Set<string>();
  const readAt = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    const now = Date.now();
    let next = Infinity;
    for (const name of due) {
      const queryKey = JSON.parse(name) as unknown[];
      const busy = cache.isFetching({ queryKey }) > 0 ? ON_ITS_WAY_MS : 0;
      const wait = Math.max(busy, (readAt.get(name) ?? 0) + APART_MS - now);
      if (wait > 0) {
        next = Math.min(next, wait);
        continue;
      }
      due.delete(name);
      readAt.set(name, now);
      void cache.invalidateQueries({ queryKey });
    }
    if (next < Infinity) timer = setTimeout(flush, next);
  }

  return (key) => {
    due.add(JSON.stringify(key));
    timer ??= setTimeout(flush, SOON_MS);
  };
}
