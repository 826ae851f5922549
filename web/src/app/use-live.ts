import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { LiveClient } from "../api/live/client";
import { useToast } from "../shared/hooks/use-toast";
import { shell } from "../shared/texts/shell";

/** Hold the live connection while the app is shown. */
export function useLive(): void {
  const cache = useQueryClient();
  const toast = useToast();
  useEffect(() => {
    const live = new LiveClient(cache, () => toast.done(shell.reconnected));
    live.start();
    return () => live.stop();
  }, [cache, toast]);
}
