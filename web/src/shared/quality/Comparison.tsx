import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { comparisonQuery } from "../../api/queries/quality";
import type { TableName } from "../../api/queries/tables";
import type { Schemas } from "../../api/types";
import { count } from "../lib/format";
import { RULE_LOOKS } from "../lib/quality";
import { fromField, toField } from "../lib/zone";
import { qualityTexts as t } from "../texts/quality";
import { Panel } from "../ui/Panel";
import { StateMark } from "../ui/StateMark";
import { Loaded } from "../ui/States";

type RuleComparison = Schemas["RuleComparison"];
const HOUR_MS = 3_600_000;

/** What was known of each rule at two instants, side by side. */
export function Comparison({ table }: { table: TableName }): React.ReactElement {
  const [before, setBefore] = useState(() => toField(Date.now() - HOUR_MS));
  const [after, setAfter] = useState(() => toField(Date.now() + HOUR_MS));
  const query = useQuery(comparisonQuery(table, fromField(before), fromField(after)));
  const field = {
    type: "datetime-local",
    slotProps: { inputLabel: { shrink: true }, htmlInput: { step: 1 } },
  };
  return (
    <Panel title={t.compare}>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, my: 1 }}>
        <TextField
          label={t.before}
          value={before}
          onChange={(event) => setBefore(event.target.value)}
          {...field}
        />
        <TextField
          label={t.after}
          value={after}
          onChange={(event) => setAfter(event.target.value)}
          {...field}
        />
      </Box>
      <Loaded query={query} lines={4}>
        {(rules) => <Compared rules={rules} />}
      </Loaded>
    </Panel>
  );
}

function differs({ before, after }: RuleComparison): boolean {
  return before?.state !== after?.state || before?.failed !== after?.failed;
}

function Compared({ rules }: { rules: readonly RuleComparison[] }): React.ReactElement {
  const different = rules.filter(differs);
  return (
    <>
      <Typography variant="body2" color="textSecondary">
        {t.differ(different.length)}
      </Typography>
      {different.length === 0 ? null : (
        <Box sx={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label={t.compare}>
          <Table size="small" aria-label={t.compare}>
            <TableHead>
              <TableRow>
                {[t.colRule, t.before, t.after].map((title) => (
                  <TableCell key={title}>{title}</TableCell>
                ))}
                <TableCell align="right">{t.change}</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {different.map(({ name, before, after }) => (
                <TableRow key={name}>
                  <TableCell sx={{ fontWeight: 560, overflowWrap: "anywhere" }}>{name}</TableCell>
                  <TableCell>
                    <Side result={before} />
                  </TableCell>
                  <TableCell>
                    <Side result={after} />
                  </TableCell>
                  <TableCell align="right" sx={{ fontVariantNumeric: "tabular-nums" }}>
                    {before && after ? signed(after.failed - before.failed) : "–"}
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Box>
      )}
    </>
  );
}

function Side({ result }: { result: RuleComparison["before"] }): React.ReactElement {
  if (result === null) return <>{t.notThere}</>;
  return (
    <Box
      component="span"
      sx={{ display: "inline-flex", gap: 0.75, alignItems: "center", whiteSpace: "nowrap" }}
    >
      <StateMark look={RULE_LOOKS[result.state]} />
      {RULE_LOOKS[result.state].label}, {count(result.failed)}
    </Box>
  );
}

function signed(change: number): string {
  return change > 0 ? `+${count(change)}` : change < 0 ? `−${count(-change)}` : t.same;
}
