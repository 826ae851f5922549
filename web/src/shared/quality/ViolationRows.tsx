import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { violationsQuery, type RuleName } from "../../api/queries/quality";
import { milliseconds } from "../lib/format";
import { qualityTexts as t } from "../texts/quality";
import { ResultGrid } from "../ui/ResultGrid";
import { SqlBlock } from "../ui/SqlBlock";
import { Empty, Loaded } from "../ui/States";

const PAGE = 25;

/** The rows that fail a rule now, page by page. */
export function ViolationRows({ rule }: { rule: RuleName }): React.ReactElement {
  const [offset, setOffset] = useState(0);
  const [shown, setShown] = useState(false);
  const query = useQuery(violationsQuery(rule, PAGE, offset));
  const data = query.data;
  return (
    <Box component="section" aria-label={t.violations}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1 }}>
        <Typography variant="h3" sx={{ flex: 1 }}>
          {t.violations}
        </Typography>
        {data && data.rows.length > 0 ? (
          <Typography variant="caption" color="textSecondary">
            {t.violationsHint(
              data.offset + 1,
              data.offset + data.rows.length,
              milliseconds(data.milliseconds),
            )}
          </Typography>
        ) : null}
        <Button disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
          {t.previous}
        </Button>
        <Button disabled={data?.more !== true} onClick={() => setOffset(offset + PAGE)}>
          {t.next}
        </Button>
        <Button onClick={() => setShown(!shown)} aria-expanded={shown} disabled={data === undefined}>
          SQL
        </Button>
      </Box>
      <Loaded
        query={query}
        lines={5}
        isEmpty={({ rows }) => rows.length === 0}
        empty={<Empty title={t.noViolations} hint={t.noViolationsHint} />}
      >
        {({ columns, rows }) => (
          <ResultGrid
            label={t.violations}
            columns={columns.map((name, index) => ({ name, type: "", numeric: numeric(rows, index) }))}
            rows={rows}
            auto
          />
        )}
      </Loaded>
      {shown && data ? <SqlBlock sql={data.query} label={t.query} /> : null}
    </Box>
  );
}

/** Whether all values of a column are numbers; what they are is not said. */
function numeric(rows: readonly (readonly (string | null)[])[], index: number): boolean {
  return rows.every((row) => row[index] == null || /^-?\d+(\.\d+)?$/.test(row[index]));
}
