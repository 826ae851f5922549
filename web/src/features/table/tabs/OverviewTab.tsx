import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink, useNavigate } from "react-router";
import { lagQuery } from "../../../api/queries/tables";
import type { TableDetail } from "../../../api/types";
import { Blockers } from "../../../shared/refresh/Blockers";
import { LagChart } from "../../../shared/charts/LagChart";
import { bytes, compact, count, duration, milliseconds, percent } from "../../../shared/lib/format";
import { lagPath, refreshPath, splitName, tablePath } from "../../../shared/lib/paths";
import { words } from "../../../shared/lib/status";
import { lagTexts, tableTexts as t } from "../../../shared/texts/table";
import { ActionChip } from "../../../shared/ui/ActionChip";
import { Ago, Instant } from "../../../shared/ui/Ago";
import { Facts } from "../../../shared/ui/Facts";
import { LagMeter } from "../../../shared/ui/LagMeter";
import { Panel } from "../../../shared/ui/Panel";
import { RefreshState } from "../../../shared/ui/StateLabel";
import { Loaded } from "../../../shared/ui/States";
import type { TabProps } from "../TablePage";
import { Causes } from "./Causes";
import { ModeReasons } from "./ModeReasons";

/** What a table is, how it is, and why. */
export function OverviewTab({ table }: TabProps): React.ReactElement {
  const lag = useQuery(lagQuery(table, { seconds: 3_600 }));
  const navigate = useNavigate();
  return (
    <Box sx={COLUMNS}>
      <Box sx={COLUMN}>
        <Panel title={t.why}>
          <Causes table={table} />
          {table.running?.blockers?.length ? <Blockers refresh={table.running} /> : null}
        </Panel>
        <Panel
          title={t.recent}
          aside={
            <Typography variant="caption">
              {lagTexts.ratio} {percent(lag.data?.within_target_ratio)}
            </Typography>
          }
        >
          <Loaded query={lag} lines={6}>
            {(series) => (
              <LagChart
                series={series}
                onOpen={(id) => void navigate(refreshPath(id))}
                onZoom={(from, to) => void navigate(lagPath(table, from, to))}
              />
            )}
          </Loaded>
        </Panel>
        <Panel title={t.lastRefresh}>
          <LastRefresh table={table} />
        </Panel>
        <ModeReasons table={table} />
      </Box>
      <Panel title={t.facts} sx={{ alignSelf: "start" }}>
        <Facts items={facts(table)} />
      </Panel>
    </Box>
  );
}

function facts(table: TableDetail): [string, React.ReactNode][] {
  return [
    [
      "Lag",
      <LagMeter
        key="lag"
        since={table.data_timestamp}
        target={table.effective_target_lag_seconds}
        promised={table.status !== "SUSPENDED"}
      />,
    ],
    [t.targetLag, targetLag(table)],
    ...(table.schedule ? ([[t.schedule, table.schedule]] satisfies [string, string][]) : []),
    [t.dataTimestamp, <Instant key="data" at={table.data_timestamp} />],
    [t.next, table.next_refresh_at ? <Instant key="next" at={table.next_refresh_at} /> : t.nextNone],
    [lagTexts.ratio, percent(table.within_target_ratio)],
    [t.mode, `${words(table.mode)}, ${t.asked(table.requested_mode)}`],
    [t.expected, duration(table.expected_seconds)],
    [
      t.reads,
      <Names
        key="reads"
        names={table.sources.map(({ schema_name, name }) => `${schema_name}.${name}`)}
        tables={table.upstream}
      />,
    ],
    [t.readBy, <Names key="readers" names={table.downstream} tables={table.downstream} />],
    [t.rows, compact(table.rows)],
    [t.size, bytes(table.bytes)],
    [t.owner, table.owner],
    [t.created, <Ago key="created" at={table.created_at} />],
    ["Version", String(table.version)],
    [t.dialect, table.dialect === "POSTGRESQL" ? t.postgres : words(table.dialect)],
  ];
}

function targetLag(table: TableDetail): string {
  if (table.target_lag_seconds !== null) return duration(table.target_lag_seconds);
  return table.effective_target_lag_seconds === null
    ? t.downstreamNone
    : t.effective(duration(table.effective_target_lag_seconds));
}

function Names({
  names,
  tables,
}: {
  names: readonly string[];
  tables: readonly string[];
}): React.ReactElement {
  if (names.length === 0) return <span>{t.nobody}</span>;
  return (
    <>
      {names.map((name) =>
        tables.includes(name) ? (
          <Box key={name}>
            <Link component={RouterLink} to={tablePath(splitName(name))}>
              {name}
            </Link>
          </Box>
        ) : (
          <Box key={name}>{name}</Box>
        ),
      )}
    </>
  );
}

function LastRefresh({ table }: TabProps): React.ReactElement {
  const last = table.last_refresh;
  if (last === null) return <Typography variant="body2">{t.noRefreshes}</Typography>;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 2, alignItems: "center", fontSize: "0.8125rem" }}>
      <RefreshState state={last.state} />
      {last.action ? <ActionChip action={last.action} /> : null}
      <span>
        <Ago at={last.ended_at ?? last.started_at} />
      </span>
      <span>{milliseconds(last.duration_ms)}</span>
      <span>
        +{count(last.rows_inserted)} −{count(last.rows_deleted)}
      </span>
      <Box component="span" sx={{ color: "text.secondary" }}>
        {words(last.trigger)}
        {last.reason ? ` · ${words(last.reason)}` : ""}
      </Box>
      <Link component={RouterLink} to={refreshPath(last.id)} sx={{ ml: "auto" }}>
        #{last.id}
      </Link>
      {last.error_message ? <Box sx={{ width: 1, color: "states.failing" }}>{last.error_message}</Box> : null}
    </Box>
  );
}

const COLUMNS = {
  display: "grid",
  gap: 2,
  gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 1fr) 360px" },
} as const;
const COLUMN = { display: "flex", flexDirection: "column", gap: 2, minWidth: 0 } as const;
