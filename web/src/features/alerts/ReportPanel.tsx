import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { reportQuery } from "../../api/queries/alerts";
import type { Schemas } from "../../api/types";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { count, duration } from "../../shared/lib/format";
import { alertingTexts as t } from "../../shared/texts/alerts";
import { Panel } from "../../shared/ui/Panel";
import { Select } from "../../shared/ui/Select";
import { Empty, Loaded } from "../../shared/ui/States";

const DAYS = ["1", "7", "30"].map((each) => [each, each] as const);

/** How soon people came, how soon it was over, and what is noise. */
export function ReportPanel(): React.ReactElement {
  const [{ days }, setState] = useUrlState({ days: "7" });
  const query = useQuery(reportQuery(Number(days) || 7));
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Box>
        <Select label={t.days} value={days} options={DAYS} onChange={(next) => setState({ days: next })} />
      </Box>
      <Loaded query={query}>
        {(data) => (
          <>
            <Tiles of={data} />
            <Panel title={t.offenders} flush>
              {data.offenders.length === 0 ? <Empty title={t.noReport} /> : <Offenders of={data.offenders} />}
            </Panel>
          </>
        )}
      </Loaded>
    </Box>
  );
}

function Tiles({ of }: { of: Schemas["AlertReport"] }): React.ReactElement {
  const tiles = [
    [t.incidents, count(of.incidents)],
    [t.mtta, duration(of.mean_to_acknowledge)],
    [t.mttr, duration(of.mean_to_resolve)],
    [t.median, duration(of.median_to_resolve)],
  ] as const;
  return (
    <Box
      component="dl"
      sx={{
        m: 0,
        display: "grid",
        gap: 2,
        gridTemplateColumns: "repeat(auto-fit, minmax(min(180px, 100%), 1fr))",
      }}
    >
      {tiles.map(([name, value]) => (
        <Card key={name} sx={{ p: 2, display: "flex", flexDirection: "column" }}>
          <Typography component="dt" variant="body2" color="textSecondary">
            {name}
          </Typography>
          <Typography component="dd" variant="h1" sx={{ m: 0, fontVariantNumeric: "tabular-nums" }}>
            {value}
          </Typography>
        </Card>
      ))}
    </Box>
  );
}

function Offenders({ of }: { of: readonly Schemas["Offender"][] }): React.ReactElement {
  return (
    <>
      <Box sx={{ overflowX: "auto" }}>
        <Table size="small" aria-label={t.offenders}>
          <TableHead>
            <TableRow>
              {[t.name, t.tables, t.fired, t.untouched, t.firing].map((title) => (
                <TableCell key={title}>{title}</TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {of.map((each) => (
              <TableRow key={`${each.rule} ${each.table_name ?? ""}`}>
                <TableCell sx={{ fontWeight: 580 }}>{each.rule}</TableCell>
                <TableCell sx={{ overflowWrap: "anywhere" }}>{each.table_name ?? "–"}</TableCell>
                <TableCell>{count(each.fired)}</TableCell>
                <TableCell>{count(each.untouched)}</TableCell>
                <TableCell>{duration(each.seconds)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      <Typography variant="body2" color="textSecondary" sx={{ px: 2, py: 1.5 }}>
        {t.noise}
      </Typography>
    </>
  );
}
