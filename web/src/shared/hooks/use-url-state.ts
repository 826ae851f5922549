import { useCallback } from "react";
import { useSearchParams } from "react-router";

type Change = Record<string, string | null | undefined>;

/**
 * Keep filters, selections and ranges in the address, so that a link shows what its sender saw.
 *
 * A value equal to its default is left out of the address.
 */
export function useUrlState<T extends Record<string, string>>(
  defaults: T,
): [T, (change: Partial<Record<keyof T, string | null>>) => void] {
  const [params, setParams] = useSearchParams();
  const state = { ...defaults };
  for (const key in defaults) {
    const value = params.get(key);
    if (value !== null) Object.assign(state, { [key]: value });
  }
  const update = useCallback(
    (change: Change) => {
      setParams(
        (previous) => {
          const next = new URLSearchParams(previous);
          for (const [key, value] of Object.entries(change)) {
            if (value == null || value === defaults[key]) next.delete(key);
            else next.set(key, value);
          }
          return next;
        },
        { replace: true },
      );
    },
    // The defaults of a page are constants.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [setParams],
  );
  return [state, update];
}
