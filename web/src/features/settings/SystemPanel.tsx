import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "../../api/queries/system";
import type { Schemas } from "../../api/types";
import { overviewTexts } from "../../shared/texts/overview";
import { settingsTexts as t } from "../../shared/texts/settings";
import { Ago } from "../../shared/ui/Ago";
import { Facts } from "../../shared/ui/Facts";
import { Panel } from "../../shared/ui/Panel";
import { Loaded } from "../../shared/ui/States";

/** What runs here, and the settings in force. */
export function SystemPanel(): React.ReactElement {
  const query = useQuery(systemQuery());
  return (
    <Loaded query={query} lines={8}>
      {(system) => (
        <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
          <Panel title={t.tabs["system"] ?? ""}>
            <Facts items={facts(system)} />
          </Panel>
          {system.settings.length > 0 ? (
            <Panel title={t.settings} flush>
              <SettingsTable settings={system.settings} />
            </Panel>
          ) : null}
        </Box>
      )}
    </Loaded>
  );
}

function facts(system: Schemas["System"]): [string, React.ReactNode][] {
  const { leader } = system;
  const scheduler = !leader.active
    ? overviewTexts.leaderNone
    : leader.here
      ? overviewTexts.leaderHere
      : overviewTexts.leaderThere(leader.process_id);
  return [
    [t.version, `${system.version}, catalog ${system.migration}`],
    [t.postgresql, system.postgresql],
    [t.database, `${system.database}, ${system.embedded ? t.embedded : t.own}`],
    [t.started, <Ago key="started" at={system.started_at} />],
    [t.leader, scheduler],
    [t.queryRole, system.query_role ?? t.queryRoleNone],
  ];
}

function SettingsTable({ settings }: { settings: readonly Schemas["Setting"][] }): React.ReactElement {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={t.settings} sx={{ minWidth: 640 }}>
        <TableHead>
          <TableRow>
            {[t.environment, t.value, t.meaning].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {settings.map((setting) => (
            <TableRow key={setting.name}>
              <TableCell>
                <code>{setting.environment}</code>
              </TableCell>
              <TableCell sx={{ fontWeight: print(setting.value) === print(setting.default) ? 400 : 620 }}>
                {print(setting.value)}
              </TableCell>
              <TableCell sx={{ color: "text.secondary" }}>{setting.description}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function print(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
