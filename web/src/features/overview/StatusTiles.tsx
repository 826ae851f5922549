import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import CardActionArea from "@mui/material/CardActionArea";
import Typography from "@mui/material/Typography";
import { Link } from "react-router";
import type { Schemas, Status } from "../../api/types";
import { compact, count, percent } from "../../shared/lib/format";
import { STATUS_LOOKS } from "../../shared/lib/status";
import { overviewTexts as t } from "../../shared/texts/overview";
import { StateMark } from "../../shared/ui/StateMark";

const ORDER: readonly Status[] = ["FRESH", "LATE", "FAILING", "SUSPENDED", "NOT_INITIALIZED"];

/** Counts that lead to the tables behind them, and three figures of the last hour. */
export function StatusTiles({ overview }: { overview: Schemas["Overview"] }): React.ReactElement {
  return (
    <Box sx={GRID}>
      {ORDER.map((status) => (
        <StatusTile key={status} status={status} count={overview.counts[status] ?? 0} />
      ))}
      <Tile label={t.withinTarget} value={percent(overview.within_target_ratio)} />
      <Tile
        label={t.changes}
        value={compact(
          overview.changes_per_second === null ? null : Math.round(overview.changes_per_second * 10) / 10,
        )}
      />
      <Tile
        label={t.refreshes}
        value={count(overview.refreshes_last_hour)}
        note={t.failures(overview.failures_last_hour)}
        bad={overview.failures_last_hour > 0}
      />
    </Box>
  );
}

function StatusTile({ status, count: n }: { status: Status; count: number }): React.ReactElement {
  const look = STATUS_LOOKS[status];
  return (
    <Card>
      <CardActionArea component={Link} to={`/tables?status=${status}`} sx={{ px: 1.75, py: 1.25, height: 1 }}>
        <Typography
          variant="caption"
          color="textSecondary"
          sx={{ display: "flex", gap: 0.75, alignItems: "center" }}
        >
          <StateMark look={look} />
          {look.label}
        </Typography>
        <Typography
          sx={{
            ...VALUE,
            color: n > 0 && status !== "FRESH" ? look.color : n > 0 ? "text.primary" : "text.secondary",
          }}
        >
          {n}
        </Typography>
      </CardActionArea>
    </Card>
  );
}

interface TileProps {
  label: string;
  value: string;
  note?: string;
  bad?: boolean;
}

function Tile({ label, value, note, bad = false }: TileProps): React.ReactElement {
  return (
    <Card sx={{ px: 1.75, py: 1.25 }}>
      <Typography variant="caption" color="textSecondary" component="div" noWrap title={label}>
        {label}
      </Typography>
      <Box sx={{ display: "flex", alignItems: "baseline", gap: 1 }}>
        <Typography sx={VALUE}>{value}</Typography>
        {note ? (
          <Typography variant="caption" sx={{ color: bad ? "states.failing" : "text.secondary" }}>
            {note}
          </Typography>
        ) : null}
      </Box>
    </Card>
  );
}

const VALUE = {
  fontSize: "1.5rem",
  fontWeight: 620,
  lineHeight: 1.35,
  letterSpacing: "-0.02em",
  fontVariantNumeric: "tabular-nums",
} as const;
const GRID = {
  display: "grid",
  gap: 1.25,
  gridTemplateColumns: { xs: "repeat(2, 1fr)", sm: "repeat(4, 1fr)", lg: "repeat(8, minmax(0, 1fr))" },
} as const;
