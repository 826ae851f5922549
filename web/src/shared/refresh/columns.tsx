import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import { Link as RouterLink } from "react-router";
import type { Refresh } from "../../api/types";
import { count, duration, instant, milliseconds } from "../lib/format";
import { refreshPath, tablePath } from "../lib/paths";
import { words } from "../lib/status";
import { refreshTexts as t } from "../texts/refresh";
import { ActionChip } from "../ui/ActionChip";
import { Instant } from "../ui/Ago";
import type { Columns } from "../ui/DataTable";
import { RefreshState } from "../ui/StateLabel";

const NUMBER = { align: "right", headerAlign: "right", cellClassName: "number" } as const;

export const refreshColumns: Columns<Refresh> = [
  {
    field: "id",
    headerName: "#",
    width: 70,
    renderCell: ({ row }) => (
      <Link component={RouterLink} to={refreshPath(row.id)} onClick={(event) => event.stopPropagation()}>
        {row.id}
      </Link>
    ),
  },
  {
    field: "name",
    headerName: t.table,
    flex: 1.4,
    minWidth: 190,
    renderCell: ({ row }) => (
      <Link
        component={RouterLink}
        to={tablePath(row)}
        color="textPrimary"
        title={`${row.schema_name}.${row.name}`}
        sx={{ overflow: "hidden", textOverflow: "ellipsis" }}
        onClick={(event) => event.stopPropagation()}
      >
        {row.schema_name}.{row.name}
      </Link>
    ),
  },
  {
    field: "started_at",
    headerName: t.started,
    width: 112,
    renderCell: ({ row }) => <Instant at={row.started_at} />,
  },
  { field: "state", headerName: t.state, width: 124, renderCell: ({ row }) => <StateCell refresh={row} /> },
  {
    field: "action",
    headerName: t.action,
    width: 112,
    renderCell: ({ row }) => (row.action ? <ActionChip action={row.action} /> : "–"),
  },
  {
    field: "reason",
    headerName: t.reason,
    flex: 1,
    minWidth: 100,
    renderCell: ({ row }) => (
      <Tooltip title={row.error_message ?? since(row)}>
        <Box
          component="span"
          sx={{
            overflow: "hidden",
            textOverflow: "ellipsis",
            color: row.error_message ? "states.failing" : "text.secondary",
          }}
        >
          {row.error_message ?? reason(row)}
        </Box>
      </Tooltip>
    ),
  },
  { field: "trigger", headerName: t.trigger, width: 92, renderCell: ({ row }) => words(row.trigger) },
  {
    field: "duration_ms",
    headerName: t.took,
    width: 76,
    ...NUMBER,
    renderCell: ({ row }) => milliseconds(row.duration_ms),
  },
  {
    field: "rows_inserted",
    headerName: t.inserted,
    width: 78,
    ...NUMBER,
    renderCell: ({ row }) => count(row.rows_inserted),
  },
  {
    field: "rows_deleted",
    headerName: t.deleted,
    width: 78,
    ...NUMBER,
    renderCell: ({ row }) => count(row.rows_deleted),
  },
  {
    field: "lag_before_seconds",
    headerName: t.lagBefore,
    width: 112,
    ...NUMBER,
    renderCell: ({ row }) => (
      <Box component="span" sx={{ color: row.within_target === false ? "states.failing" : "text.primary" }}>
        {duration(row.lag_before_seconds)}
        {row.target_lag_seconds === null ? "" : ` / ${duration(row.target_lag_seconds)}`}
      </Box>
    ),
  },
  {
    field: "data_timestamp",
    headerName: t.data,
    width: 112,
    renderCell: ({ row }) => <Instant at={row.data_timestamp} />,
  },
];

function reason({ reason: why, count: times }: Refresh): string {
  const text = why ? words(why) : "";
  return times > 1 ? `${text}, ${t.times(count(times))}` : text;
}

function since({ count: times, first_ended_at }: Refresh): string {
  return times > 1 ? t.timesSince(count(times), instant(first_ended_at)) : "";
}

function StateCell({ refresh }: { refresh: Refresh }): React.ReactElement {
  return <RefreshState state={refresh.state} />;
}
