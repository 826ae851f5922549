import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { resultsQuery, type RuleName } from "../../api/queries/quality";
import { count, milliseconds } from "../lib/format";
import { RULE_LOOKS, shareText } from "../lib/quality";
import { qualityTexts as t } from "../texts/quality";
import { Instant } from "../ui/Ago";
import { StateMark } from "../ui/StateMark";
import { Empty, Loaded } from "../ui/States";

/** What the newest checks of a rule found, the newest first. */
export function RuleHistory({ rule }: { rule: RuleName }): React.ReactElement {
  const query = useQuery(resultsQuery(rule));
  return (
    <Box component="section" aria-label={t.history}>
      <Typography variant="h3" sx={{ mb: 0.5 }}>
        {t.history}
      </Typography>
      <Loaded
        query={query}
        lines={3}
        isEmpty={(data) => data.length === 0}
        empty={<Empty title={t.noHistory} />}
      >
        {(results) => (
          <Box sx={{ overflow: "auto", maxHeight: 260 }} tabIndex={0} role="region" aria-label={t.history}>
            <Table size="small" stickyHeader aria-label={t.history}>
              <TableHead>
                <TableRow>
                  <TableCell>{t.at}</TableCell>
                  <TableCell>{t.colState}</TableCell>
                  <TableCell align="right">{t.failed}</TableCell>
                  <TableCell align="right">{t.ofChecked}</TableCell>
                  <TableCell align="right">{t.colShare}</TableCell>
                  <TableCell align="right">{t.took}</TableCell>
                </TableRow>
              </TableHead>
              <TableBody>
                {results.map((result) => (
                  <TableRow key={`${result.checked_at}${result.version}`}>
                    <TableCell sx={{ whiteSpace: "nowrap" }}>
                      <Instant at={result.checked_at} />
                    </TableCell>
                    <TableCell>
                      <Box component="span" sx={{ display: "inline-flex", gap: 0.75, alignItems: "center" }}>
                        <StateMark look={RULE_LOOKS[result.state]} />
                        {RULE_LOOKS[result.state].label}
                      </Box>
                    </TableCell>
                    <TableCell align="right">{count(result.failed)}</TableCell>
                    <TableCell align="right">{count(result.checked)}</TableCell>
                    <TableCell align="right">{shareText(result.failed, result.checked)}</TableCell>
                    <TableCell align="right">{milliseconds(result.duration_ms)}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </Box>
        )}
      </Loaded>
    </Box>
  );
}
