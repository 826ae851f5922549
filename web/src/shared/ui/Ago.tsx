import Tooltip from "@mui/material/Tooltip";
import { useNow } from "../hooks/use-now";
import { ago, fullInstant, instant } from "../lib/format";

/** How long ago something was; the instant in a tooltip. */
export function Ago({ at }: { at: string | null | undefined }): React.ReactElement {
  const now = useNow();
  if (!at) return <span>never</span>;
  return (
    <Tooltip title={fullInstant(at)}>
      <time dateTime={at}>{ago(at, Math.max(now, new Date(at).getTime()))}</time>
    </Tooltip>
  );
}

/** An instant; all of it in a tooltip. */
export function Instant({ at }: { at: string | null | undefined }): React.ReactElement {
  if (!at) return <span>–</span>;
  return (
    <Tooltip title={fullInstant(at)}>
      <time dateTime={at}>{instant(at)}</time>
    </Tooltip>
  );
}
