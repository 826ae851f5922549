import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink } from "react-router";
import { sourcesQuery } from "../../api/queries/graph";
import type { Source } from "../../api/types";
import { bytes, compact, plural } from "../../shared/lib/format";
import { graphPath } from "../../shared/lib/paths";
import { STATUS_LOOKS } from "../../shared/lib/status";
import { settingsTexts as t } from "../../shared/texts/settings";
import { Panel } from "../../shared/ui/Panel";
import { StateMark } from "../../shared/ui/StateMark";
import { Empty, Loaded } from "../../shared/ui/States";

/** The sources, whether their changes are captured, and who has yet to read them. */
export function SourcesPanel(): React.ReactElement {
  const query = useQuery(sourcesQuery());
  return (
    <Panel title={t.sources} flush>
      <Loaded query={query} isEmpty={(data) => data.length === 0} empty={<Empty title={t.noSources} />}>
        {(sources) => (
          <Box sx={{ overflowX: "auto" }}>
            <Table size="small" aria-label={t.sources}>
              <TableHead>
                <TableRow>
                  {[t.source, t.capture, "Rows", t.log, t.backlog, t.readers].map((title) => (
                    <TableCell key={title}>{title}</TableCell>
                  ))}
                </TableRow>
              </TableHead>
              <TableBody>
                {sources.map((source) => (
                  <SourceRow key={source.node} source={source} />
                ))}
              </TableBody>
            </Table>
          </Box>
        )}
      </Loaded>
    </Panel>
  );
}

function SourceRow({ source }: { source: Source }): React.ReactElement {
  return (
    <TableRow>
      <TableCell>
        <Link component={RouterLink} to={graphPath(source.node, "down")}>
          {source.schema_name}.{source.name}
        </Link>
      </TableCell>
      <TableCell>
        <Box sx={{ display: "flex", gap: 0.75, alignItems: "baseline" }}>
          <StateMark
            look={
              source.healthy
                ? source.captured
                  ? STATUS_LOOKS.FRESH
                  : STATUS_LOOKS.SUSPENDED
                : STATUS_LOOKS.FAILING
            }
            size={9}
          />
          {source.problem ?? (source.captured ? t.captured : t.notCaptured)}
        </Box>
      </TableCell>
      <TableCell>{compact(source.rows)}</TableCell>
      <TableCell>{source.captured ? bytes(source.log_bytes) : "–"}</TableCell>
      <TableCell>{source.captured ? plural(source.backlog_rows, "row") : "–"}</TableCell>
      <TableCell sx={{ color: "text.secondary" }}>
        <span title={source.readers.join(", ")}>{some(source.readers)}</span>
      </TableCell>
    </TableRow>
  );
}

/** A few names, and how many more there are. */
function some(names: readonly string[]): string {
  const rest = names.length - 3;
  return rest > 1 ? `${names.slice(0, 3).join(", ")} ${t.andMore(rest)}` : names.join(", ");
}
