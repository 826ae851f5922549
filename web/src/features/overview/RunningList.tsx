import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { lazy, Suspense } from "react";
import { Link as RouterLink } from "react-router";
import type { RunningRefresh } from "../../api/types";
import { useCancelRefresh } from "../../api/queries/refreshes";
import { useNow } from "../../shared/hooks/use-now";
import { duration } from "../../shared/lib/format";
import { tablePath } from "../../shared/lib/paths";
import { isHeldUp } from "../../shared/refresh/running";
import { overviewTexts as t } from "../../shared/texts/overview";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Empty } from "../../shared/ui/States";

// Rarely needed, and with a dialog of its own: the first page does not wait for it.
const Blockers = lazy(() =>
  import("../../shared/refresh/Blockers").then((module) => ({ default: module.Blockers })),
);

/** The refreshes at work, with how far they are. */
export function RunningList({ items }: { items: readonly RunningRefresh[] }): React.ReactElement {
  if (items.length === 0) return <Empty title={t.noneRunning} />;
  return (
    <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {items.map((item) => (
        <Row key={item.table_id} item={item} />
      ))}
    </Box>
  );
}

function Row({ item }: { item: RunningRefresh }): React.ReactElement {
  const now = useNow();
  const cancel = useCancelRefresh();
  const seconds = Math.max(item.seconds, (now - Date.parse(item.since)) / 1_000);
  const share = item.expected_seconds > 0 ? Math.min(0.99, seconds / item.expected_seconds) : null;
  const progress = item.progress ?? share;
  return (
    <Box component="li" sx={ROW}>
      <Box sx={{ flex: 1, minWidth: 200 }}>
        <Link component={RouterLink} to={tablePath(item)} sx={{ fontWeight: 580 }} variant="body2">
          {item.schema_name}.{item.name}
        </Link>
        <Typography variant="caption" color="textSecondary" component="div">
          {isHeldUp(item) ? t.waiting : (item.phase ?? item.application)}
        </Typography>
      </Box>
      <Box sx={{ width: 180 }}>
        <LinearProgress
          variant={progress === null ? "indeterminate" : "determinate"}
          value={(progress ?? 0) * 100}
          aria-label={`${item.schema_name}.${item.name}`}
          sx={{ height: 6, borderRadius: 3 }}
        />
        <Typography variant="caption" color="textSecondary">
          {duration(seconds)}
          {item.expected_seconds > 0 ? t.expected(seconds, item.expected_seconds) : ""}
        </Typography>
      </Box>
      <RoleButton
        needs="operator"
        color="inherit"
        variant="outlined"
        onClick={() => cancel.mutate(item)}
        disabled={cancel.isPending}
      >
        {t.cancel}
      </RoleButton>
      {item.blockers?.length ? (
        <Suspense fallback={null}>
          <Blockers refresh={item} />
        </Suspense>
      ) : null}
    </Box>
  );
}

const ROW = {
  display: "flex",
  flexWrap: "wrap",
  gap: 2,
  alignItems: "center",
  px: 2,
  py: 1,
  borderTop: 1,
  borderColor: "divider",
} as const;
