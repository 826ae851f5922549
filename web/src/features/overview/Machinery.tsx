import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import type { Schemas } from "../../api/types";
import { useLiveState } from "../../shared/hooks/use-live-state";
import { bytes, count, plural } from "../../shared/lib/format";
import { STATUS_LOOKS } from "../../shared/lib/status";
import { overviewTexts as t } from "../../shared/texts/overview";
import { Facts } from "../../shared/ui/Facts";
import { Panel } from "../../shared/ui/Panel";
import { StateMark } from "../../shared/ui/StateMark";

/** What keeps the tables fresh: scheduler, capture, machine. */
export function Machinery({ overview }: { overview: Schemas["Overview"] }): React.ReactElement {
  const { leader, capture, resources } = overview;
  const offline = useLiveState() === "offline";
  const known = (good: boolean): boolean | null => (offline ? null : good);
  return (
    <Panel title={t.machinery}>
      <Facts
        items={[
          [
            t.leader,
            <Good key="leader" good={known(leader.active)} text={offline ? t.unknown : leaderText(leader)} />,
          ],
          [
            t.capture,
            <Good
              key="capture"
              good={known(capture.unhealthy === 0)}
              text={
                offline
                  ? t.unknown
                  : capture.unhealthy === 0
                    ? t.captureGood(capture.sources)
                    : t.captureBad(capture.unhealthy, capture.sources)
              }
            />,
          ],
          [t.backlog, `${plural(capture.backlog_rows, "row")} · ${bytes(capture.log_bytes)} ${t.logs}`],
          [t.cpu, <Meter key="cpu" percent={resources.machine_cpu_percent} label={t.cpu} />],
          [t.memory, <Meter key="memory" percent={resources.machine_memory_percent} label={t.memory} />],
          [t.server, serverText(resources)],
          [t.database, `${bytes(resources.database_bytes)}, ${t.storage} ${bytes(resources.storage_bytes)}`],
          [t.connections, `${count(resources.connections)} of ${count(resources.max_connections)}`],
        ]}
      />
    </Panel>
  );
}

function leaderText(leader: Schemas["Leader"]): string {
  if (!leader.active) return t.leaderNone;
  return leader.here ? t.leaderHere : t.leaderThere(leader.process_id);
}

function serverText({ server_cpu_percent, server_memory_bytes }: Schemas["Resources"]): string {
  const cpu = server_cpu_percent === null ? "" : `${Math.round(server_cpu_percent)}% CPU · `;
  return `${cpu}${bytes(server_memory_bytes)}`;
}

/** A good or a bad state, or one that nobody knows. */
function Good({ good, text }: { good: boolean | null; text: string }): React.ReactElement {
  const look =
    good === null ? STATUS_LOOKS.NOT_INITIALIZED : good ? STATUS_LOOKS.FRESH : STATUS_LOOKS.FAILING;
  return (
    <Box component="span" sx={{ display: "inline-flex", gap: 0.75, alignItems: "baseline" }}>
      <StateMark look={look} size={9} />
      {text}
    </Box>
  );
}

function Meter({ percent, label }: { percent: number | null; label: string }): React.ReactElement {
  if (percent === null) return <span>–</span>;
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 1 }}>
      <LinearProgress
        variant="determinate"
        value={Math.min(100, percent)}
        aria-label={label}
        color={percent > 90 ? "error" : "primary"}
        sx={{ flex: 1, height: 5, borderRadius: 3 }}
      />
      <Box
        component="span"
        sx={{ width: 42, whiteSpace: "nowrap", textAlign: "right", fontVariantNumeric: "tabular-nums" }}
      >
        {Math.round(percent)}%
      </Box>
    </Box>
  );
}
