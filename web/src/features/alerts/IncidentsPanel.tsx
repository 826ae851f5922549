import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Link from "@mui/material/Link";
import Switch from "@mui/material/Switch";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink } from "react-router";
import { incidentsQuery } from "../../api/queries/alerts";
import type { Schemas } from "../../api/types";
import { useNow } from "../../shared/hooks/use-now";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { duration } from "../../shared/lib/format";
import { incidentPath } from "../../shared/lib/paths";
import { alertPageTexts as t, alertTexts, incidentTitle } from "../../shared/texts/alerts";
import { Instant } from "../../shared/ui/Ago";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { Severity } from "../../shared/alerts/Severity";

/** Incidents: one line for what belongs together. */
export function IncidentsPanel(): React.ReactElement {
  const [{ ended }, setState] = useUrlState({ ended: "" });
  const query = useQuery(incidentsQuery(ended !== ""));
  return (
    <Panel
      title={alertTexts.tabs["incidents"] ?? ""}
      flush
      aside={
        <FormControlLabel
          control={
            <Switch
              size="small"
              checked={ended !== ""}
              onChange={(_, on) => setState({ ended: on ? "yes" : "" })}
            />
          }
          label={t.withEnded}
        />
      }
    >
      <Loaded
        query={query}
        isEmpty={(data) => data.length === 0}
        empty={<Empty title={t.incidentEmpty} hint={t.incidentHint} />}
      >
        {(incidents) => <Incidents incidents={incidents} />}
      </Loaded>
    </Panel>
  );
}

function Incidents({ incidents }: { incidents: readonly Schemas["Incident"][] }): React.ReactElement {
  const now = useNow();
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={alertTexts.tabs["incidents"]} sx={{ minWidth: 620 }}>
        <TableHead>
          <TableRow>
            {[t.number, alertTexts.severity, alertTexts.what, t.open, t.lasted, t.ack].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {incidents.map((each) => {
            const end = each.resolved_at ? Date.parse(each.resolved_at) : now;
            return (
              <TableRow key={each.id} hover>
                <TableCell>
                  <Link component={RouterLink} to={incidentPath(each.id)} sx={{ fontWeight: 580 }}>
                    #{each.id}
                  </Link>
                </TableCell>
                <TableCell>
                  <Severity of={each.labels["severity"]} />
                </TableCell>
                <TableCell sx={{ overflowWrap: "anywhere" }}>{incidentTitle(each)}</TableCell>
                <TableCell sx={{ whiteSpace: "nowrap" }}>
                  <Instant at={each.opened_at} />
                </TableCell>
                <TableCell sx={{ whiteSpace: "nowrap" }}>
                  {duration(Math.max(0, end - Date.parse(each.opened_at)) / 1_000)}
                </TableCell>
                <TableCell>{each.acknowledged_by ?? t.nobody}</TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </Box>
  );
}
