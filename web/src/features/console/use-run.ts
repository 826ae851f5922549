import { useCallback, useReducer, useRef } from "react";
import { cancelQuery, streamQuery } from "../../api/queries/console";
import type { QueryColumn, QueryEnd } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";

export interface RunState {
  status: "idle" | "running" | "done" | "cancelled" | "failed";
  sql: string;
  columns: QueryColumn[];
  rows: (string | null)[][];
  end: QueryEnd | null;
  error: unknown;
}

type Event =
  | { type: "start"; sql: string }
  | { type: "head"; columns: QueryColumn[] }
  | { type: "rows"; rows: (string | null)[][] }
  | { type: "end"; end: QueryEnd }
  | { type: "fail"; error: unknown }
  | { type: "cancel" };

const IDLE: RunState = { status: "idle", sql: "", columns: [], rows: [], end: null, error: null };

function next(state: RunState, event: Event): RunState {
  switch (event.type) {
    case "start":
      return { ...IDLE, status: "running", sql: event.sql };
    case "head":
      return { ...state, columns: event.columns };
    case "rows":
      return { ...state, rows: [...state.rows, ...event.rows] };
    case "end":
      return {
        ...state,
        end: event.end,
        status: event.end.error ? "failed" : "done",
        error: event.end.error,
      };
    case "fail":
      return { ...state, status: "failed", error: event.error };
    case "cancel":
      return { ...state, status: "cancelled" };
  }
}

export interface Runner {
  state: RunState;
  run: (sql: string, limit: number) => void;
  cancel: () => void;
}

/** Run one statement at a time; its rows appear as they come. */
export function useRun(onDone: (state: { sql: string; rows: number; milliseconds: number }) => void): Runner {
  const [state, dispatch] = useReducer(next, IDLE);
  const current = useRef<{ id: string; abort: AbortController } | null>(null);
  const toast = useToast();

  const cancel = useCallback(() => {
    const running = current.current;
    if (running === null) return;
    current.current = null;
    dispatch({ type: "cancel" });
    void cancelQuery(running.id)
      .catch(toast.failed)
      .finally(() => running.abort.abort());
  }, [toast]);

  const run = useCallback(
    (sql: string, limit: number) => {
      cancel();
      const mine = { id: crypto.randomUUID(), abort: new AbortController() };
      current.current = mine;
      const say = (event: Event): void => {
        if (current.current === mine) dispatch(event);
      };
      say({ type: "start", sql });
      streamQuery(
        { id: mine.id, sql, limit, signal: mine.abort.signal },
        {
          onHead: (columns) => say({ type: "head", columns }),
          onRows: (rows) => say({ type: "rows", rows }),
          onEnd: (end) => {
            say({ type: "end", end });
            if (current.current === mine) onDone({ sql, rows: end.rows, milliseconds: end.milliseconds });
          },
        },
      )
        .catch((error: unknown) => say({ type: "fail", error }))
        .finally(() => {
          if (current.current === mine) current.current = null;
        });
    },
    [cancel, onDone],
  );

  return { state, run, cancel };
}
