import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink, useParams } from "react-router";
import { refreshQuery } from "../../api/queries/refreshes";
import type { RefreshDetail } from "../../api/types";
import { count, duration, instant, milliseconds } from "../../shared/lib/format";
import { refreshPath, tablePath } from "../../shared/lib/paths";
import { cssColor, words } from "../../shared/lib/status";
import { refreshTexts as t } from "../../shared/texts/refresh";
import { ActionChip } from "../../shared/ui/ActionChip";
import { Instant } from "../../shared/ui/Ago";
import { Facts } from "../../shared/ui/Facts";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { RefreshState } from "../../shared/ui/StateLabel";
import { Loaded } from "../../shared/ui/States";
import { RefreshFailure } from "./RefreshFailure";

/** One refresh: what it found, what it did, and how long each part took. */
export function RefreshPage(): React.ReactElement {
  const { id = "" } = useParams();
  const query = useQuery(refreshQuery(Number(id)));
  return (
    <Page
      title={t.title(Number(id))}
      badge={query.data ? <RefreshState state={query.data.state} /> : null}
      subtitle={
        query.data ? (
          <Link component={RouterLink} to={tablePath(query.data)}>
            {query.data.schema_name}.{query.data.name}
          </Link>
        ) : null
      }
    >
      <Loaded query={query} lines={8}>
        {(refresh) => (
          <Box sx={COLUMNS}>
            <Box sx={COLUMN}>
              <RefreshFailure refresh={refresh} />
              <Panel
                title={t.statements}
                flush
                aside={<Typography variant="caption">{t.statementsHint}</Typography>}
              >
                <Statements refresh={refresh} />
              </Panel>
              {refresh.run_refreshes.length > 0 ? <Run refresh={refresh} /> : null}
            </Box>
            <Box sx={COLUMN}>
              <Panel title={t.facts}>
                <Facts items={facts(refresh)} />
              </Panel>
              <Panel title={t.changes}>
                <Changes refresh={refresh} />
              </Panel>
            </Box>
          </Box>
        )}
      </Loaded>
    </Page>
  );
}

function facts(refresh: RefreshDetail): [string, React.ReactNode][] {
  return [
    [t.action, refresh.action ? <ActionChip key="a" action={refresh.action} /> : "–"],
    [t.reason, refresh.reason_text ?? words(refresh.reason)],
    ...(refresh.choice ? ([[t.choice, words(refresh.choice)]] satisfies [string, string][]) : []),
    [t.trigger, words(refresh.trigger)],
    ...several(refresh),
    [t.started, <Instant key="s" at={refresh.started_at} />],
    [t.ended, <Instant key="e" at={refresh.ended_at} />],
    [t.waited, milliseconds(refresh.waited_ms)],
    [t.took, milliseconds(refresh.duration_ms)],
    [t.inserted, count(refresh.rows_inserted)],
    [t.deleted, count(refresh.rows_deleted)],
    [t.previous, <Instant key="p" at={refresh.previous_data_timestamp} />],
    [t.data, <Instant key="d" at={refresh.data_timestamp} />],
    [t.lagBefore, `${duration(refresh.lag_before_seconds)} / ${duration(refresh.target_lag_seconds)}`],
    [t.within, refresh.within_target === null ? "–" : refresh.within_target ? t.yes : t.no],
  ];
}

function several({ count: times, first_ended_at, longest_lag_seconds }: RefreshDetail): [string, string][] {
  if (times === 1) return [];
  return [
    [t.several, t.timesSince(count(times), instant(first_ended_at))],
    [t.longestLag, duration(longest_lag_seconds)],
  ];
}

function Statements({ refresh }: { refresh: RefreshDetail }): React.ReactElement {
  const { statements } = refresh;
  if (statements.length === 0) {
    return (
      <Typography variant="body2" color="textSecondary" sx={{ p: 2 }}>
        {t.noStatements}
      </Typography>
    );
  }
  const sum = statements.reduce((total, { milliseconds: each }) => total + each, 0);
  const rest = Math.max(0, (refresh.duration_ms ?? sum) - sum);
  const most = Math.max(rest, ...statements.map(({ milliseconds: each }) => each), 0.001);
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={t.statements}>
        <TableHead>
          <TableRow>
            <TableCell>{t.stage}</TableCell>
            <TableCell>{t.purpose}</TableCell>
            <TableCell align="right">{t.rows}</TableCell>
            <TableCell align="right">{t.time}</TableCell>
            <TableCell>{t.share}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {statements.map((statement, index) => (
            <TableRow key={index}>
              <TableCell>{statement.stage}</TableCell>
              <TableCell sx={{ overflowWrap: "anywhere" }}>
                {words(statement.purpose)}
                {statement.label ? (
                  <Box component="code" sx={{ ml: 1, color: "text.secondary" }}>
                    {statement.label}
                  </Box>
                ) : null}
              </TableCell>
              <TableCell align="right">{count(statement.rows)}</TableCell>
              <TableCell align="right">{milliseconds(statement.milliseconds)}</TableCell>
              <TableCell>
                <ShareBar share={statement.milliseconds / most} color="primary.main" />
              </TableCell>
            </TableRow>
          ))}
          <TableRow>
            <TableCell />
            <TableCell sx={{ color: "text.secondary" }}>{t.rest}</TableCell>
            <TableCell />
            <TableCell align="right">{milliseconds(rest)}</TableCell>
            <TableCell>
              <ShareBar share={rest / most} color="states.suspended" />
            </TableCell>
          </TableRow>
        </TableBody>
      </Table>
    </Box>
  );
}

function ShareBar({ share, color }: { share: number; color: string }): React.ReactElement {
  return (
    <Box aria-hidden sx={{ width: 90, height: 6, borderRadius: 3, bgcolor: "divider", overflow: "hidden" }}>
      <Box sx={{ width: `${share * 100}%`, height: "100%", bgcolor: cssColor(color) }} />
    </Box>
  );
}

function Changes({ refresh }: { refresh: RefreshDetail }): React.ReactElement {
  const changes = Object.entries(refresh.source_changes);
  if (changes.length === 0) return <Typography variant="body2">{t.noChanges}</Typography>;
  return <Facts items={changes.map(([name, rows]) => [name, count(rows)] as const)} />;
}

function Run({ refresh }: { refresh: RefreshDetail }): React.ReactElement {
  return (
    <Panel title={t.run} flush aside={<Typography variant="caption">{t.runHint}</Typography>}>
      <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
        {refresh.run_refreshes.map((other) => (
          <Box component="li" key={other.id} sx={RUN}>
            <Box sx={{ flex: 1, minWidth: 160 }}>
              <Link component={RouterLink} to={refreshPath(other.id)}>
                {other.schema_name}.{other.name}
              </Link>
            </Box>
            <RefreshState state={other.state} />
            {other.action ? <ActionChip action={other.action} /> : null}
            <Box component="span" sx={{ width: 72, textAlign: "right", fontVariantNumeric: "tabular-nums" }}>
              {milliseconds(other.duration_ms)}
            </Box>
          </Box>
        ))}
      </Box>
    </Panel>
  );
}

const RUN = {
  display: "flex",
  flexWrap: "wrap",
  gap: 2,
  alignItems: "center",
  px: 2,
  py: 0.75,
  borderTop: 1,
  borderColor: "divider",
  fontSize: "0.8125rem",
} as const;
const COLUMNS = {
  display: "grid",
  gap: 2,
  gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 1fr) 340px" },
} as const;
const COLUMN = { display: "flex", flexDirection: "column", gap: 2, minWidth: 0 } as const;
