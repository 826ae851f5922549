import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { dryRunQuery } from "../../api/queries/alerting";
import type { Schemas } from "../../api/types";
import { alertingTexts as t } from "../../shared/texts/alerts";
import { RoleButton } from "../../shared/ui/RoleButton";
import { ErrorState, Loading } from "../../shared/ui/States";
import { MeasureChart } from "./MeasureChart";

const DAYS = 7;
const UNNAMED = "dry run";

/** What a rule would have done in the last days, drawn; nothing is saved. */
export function DryRun({ rule }: { rule: Schemas["PutRule"] }): React.ReactElement {
  const [asked, setAsked] = useState<Schemas["DryRun"] | null>(null);
  const { data, error, isFetching } = useQuery(dryRunQuery(asked));
  return (
    <Box component="section" aria-label={t.dryRun} sx={{ display: "grid", gap: 1.5, mt: 2.5 }}>
      <Box sx={{ display: "flex", gap: 1.5, alignItems: "center", flexWrap: "wrap" }}>
        <RoleButton
          needs="editor"
          variant="outlined"
          loading={isFetching}
          onClick={() => setAsked({ rule: { ...rule, name: rule.name || UNNAMED }, days: DAYS })}
        >
          {t.tryOut}
        </RoleButton>
        <Typography variant="body2" color="textSecondary">
          {t.dryHint}
        </Typography>
      </Box>
      {error ? <ErrorState error={error} /> : null}
      {isFetching && data === undefined ? <Loading lines={4} /> : null}
      {data && asked ? <Result of={data} /> : null}
    </Box>
  );
}

function Result({ of }: { of: Schemas["Rehearsal"] }): React.ReactElement {
  if (of.why_not !== null) return <Typography variant="body2">{t.cannotTry(of.why_not)}</Typography>;
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <Typography role="status" sx={{ fontWeight: 580 }}>
        {t.wouldHave(of.fired, of.tried)}
        {of.tried < of.selected ? ` (${t.triedSome(of.tried, of.selected)})` : ""}
      </Typography>
      {of.tables
        .filter(({ points }) => points.length > 0)
        .slice(0, 4)
        .map((table) => (
          <Box key={table.table}>
            <Typography variant="body2" color="textSecondary">
              {table.table}
            </Typography>
            <MeasureChart of={of} table={table} />
          </Box>
        ))}
    </Box>
  );
}
