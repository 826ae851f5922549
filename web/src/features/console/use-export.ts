import { useRef, useState } from "react";
import { cancelQuery, csvQuery } from "../../api/queries/console";
import { ApiError } from "../../api/problem";
import { useToast } from "../../shared/hooks/use-toast";
import { download } from "../../shared/lib/download";
import { consoleTexts as t } from "../../shared/texts/console";

export interface Export {
  /** The bytes that have come; null while nothing is exported. */
  bytes: number | null;
  start: (sql: string) => void;
  cancel: () => void;
}

/** Export every row of a statement as a file; one at a time. */
export function useExport(): Export {
  const [bytes, setBytes] = useState<number | null>(null);
  const current = useRef<{ id: string; abort: AbortController } | null>(null);
  const toast = useToast();

  async function run(sql: string): Promise<void> {
    const mine = { id: crypto.randomUUID(), abort: new AbortController() };
    current.current = mine;
    setBytes(0);
    try {
      const options = { id: mine.id, sql, limit: null, signal: mine.abort.signal };
      download("result.csv", await csvQuery(options, setBytes));
    } catch (error) {
      if (mine.abort.signal.aborted) return;
      // Once rows come, nothing but the end of the connection can say that the statement failed.
      toast.failed(error instanceof ApiError ? error : new Error(t.exportBroken));
    } finally {
      current.current = null;
      setBytes(null);
    }
  }

  return {
    bytes,
    start: (sql) => void run(sql),
    cancel: () => {
      const running = current.current;
      if (running === null) return;
      running.abort.abort();
      void cancelQuery(running.id).catch(toast.failed);
    },
  };
}
