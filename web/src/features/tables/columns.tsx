import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import { Link as RouterLink } from "react-router";
import type { DynamicTable, Status } from "../../api/types";
import { bytes, compact, milliseconds, percent } from "../../shared/lib/format";
import { tablePath } from "../../shared/lib/paths";
import { STATUS_ORDER, words } from "../../shared/lib/status";
import { tablesTexts as t } from "../../shared/texts/table";
import { ActionChip } from "../../shared/ui/ActionChip";
import { Ago } from "../../shared/ui/Ago";
import type { Columns } from "../../shared/ui/DataTable";
import { LagMeter } from "../../shared/ui/LagMeter";
import { Score } from "../../shared/ui/Score";
import { Sparkline } from "../../shared/ui/Sparkline";
import { StatusLabel } from "../../shared/ui/StateLabel";

/** How late a table is, as a share of its target: what the lag column sorts by. */
function share({ lag_seconds, effective_target_lag_seconds }: DynamicTable): number {
  return (lag_seconds ?? 0) / (effective_target_lag_seconds ?? Infinity);
}

/** Why a table is refreshed as it is: of a full one the reasons, else what the last refresh answered to. */
function reason(table: DynamicTable): string {
  if (table.mode === "FULL") {
    return table.requested_mode === "FULL"
      ? "asked for"
      : table.mode_reasons.map(({ detail }) => detail).join("; ");
  }
  return table.last_refresh?.reason ? words(table.last_refresh.reason) : "";
}

export const tableColumns: Columns<DynamicTable> = [
  {
    field: "qualified_name",
    headerName: t.colName,
    flex: 4,
    minWidth: 172,
    renderCell: ({ row }) => (
      <Box sx={{ minWidth: 0, lineHeight: 1.3 }} title={row.qualified_name}>
        <Link
          component={RouterLink}
          to={tablePath(row)}
          color="textPrimary"
          sx={{ fontWeight: 580, display: "block", overflow: "hidden", textOverflow: "ellipsis" }}
          onClick={(event) => event.stopPropagation()}
        >
          {row.name}
        </Link>
        <Box sx={{ color: "text.secondary", fontSize: "0.6875rem" }}>{row.schema_name}</Box>
      </Box>
    ),
  },
  {
    field: "status",
    headerName: t.colStatus,
    width: 104,
    sortComparator: (a: Status, b: Status) => STATUS_ORDER.indexOf(a) - STATUS_ORDER.indexOf(b),
    renderCell: ({ row }) => <StatusLabel status={row.status} />,
  },
  {
    field: "quality",
    headerName: t.colQuality,
    width: 68,
    // Without rules nothing is known, which is neither good nor bad.
    valueGetter: (_, { quality }) => quality?.score ?? 101,
    renderCell: ({ row: { quality } }) =>
      quality ? (
        <Score score={quality.score} health={quality.health} />
      ) : (
        <Box sx={{ color: "text.secondary" }}>–</Box>
      ),
  },
  {
    field: "lag",
    headerName: t.colLag,
    width: 112,
    valueGetter: (_, row) => share(row),
    renderCell: ({ row }) => (
      <LagMeter
        since={row.data_timestamp}
        target={row.effective_target_lag_seconds}
        promised={row.status !== "SUSPENDED"}
      />
    ),
  },
  {
    field: "recent_lags",
    headerName: t.colTrend,
    width: 80,
    sortable: false,
    renderCell: ({ row }) => (
      <Sparkline
        values={row.recent_lags}
        limit={row.effective_target_lag_seconds}
        label={t.trend(row.name)}
      />
    ),
  },
  {
    field: "mode",
    headerName: t.colMode,
    width: 96,
    renderCell: ({ row }) => <ActionChip action={row.mode} />,
  },
  {
    field: "mode_reasons",
    headerName: t.colReason,
    flex: 1,
    minWidth: 52,
    valueGetter: (_, row) => reason(row),
    renderCell: ({ row }) => (
      <Tooltip title={reason(row)}>
        <Box component="span" sx={{ overflow: "hidden", textOverflow: "ellipsis", color: "text.secondary" }}>
          {reason(row)}
        </Box>
      </Tooltip>
    ),
  },
  {
    field: "within_target_ratio",
    headerName: t.colRatio,
    width: 74,
    align: "right",
    headerAlign: "right",
    cellClassName: "number",
    renderCell: ({ row }) => percent(row.within_target_ratio),
  },
  {
    field: "last_refresh",
    headerName: t.colLast,
    width: 146,
    valueGetter: (_, row) => row.last_refresh?.ended_at ?? row.last_refresh?.started_at ?? "",
    renderCell: ({ row }) => (
      <Box sx={{ display: "flex", gap: 1, alignItems: "center", minWidth: 0 }}>
        {row.last_refresh?.action ? <ActionChip action={row.last_refresh.action} /> : null}
        <Box component="span" sx={{ color: "text.secondary", fontSize: "0.75rem" }}>
          <Ago at={row.last_refresh?.ended_at ?? row.last_refresh?.started_at} />
        </Box>
      </Box>
    ),
  },
  {
    field: "duration",
    headerName: t.colDuration,
    width: 72,
    align: "right",
    headerAlign: "right",
    cellClassName: "number",
    valueGetter: (_, row) => row.last_refresh?.duration_ms ?? null,
    renderCell: ({ row }) => milliseconds(row.last_refresh?.duration_ms),
  },
  {
    field: "rows",
    headerName: t.colRows,
    width: 58,
    align: "right",
    headerAlign: "right",
    cellClassName: "number",
    renderCell: ({ row }) => compact(row.rows),
  },
  {
    field: "bytes",
    headerName: t.colSize,
    width: 66,
    align: "right",
    headerAlign: "right",
    cellClassName: "number",
    renderCell: ({ row }) => bytes(row.bytes),
  },
];
