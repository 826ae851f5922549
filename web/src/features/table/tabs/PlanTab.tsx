import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { planQuery, versionsQuery } from "../../../api/queries/tables";
import { PlanView } from "../../../shared/plan/PlanView";
import { useUrlState } from "../../../shared/hooks/use-url-state";
import { tableTexts as t } from "../../../shared/texts/table";
import { Ago } from "../../../shared/ui/Ago";
import { Panel } from "../../../shared/ui/Panel";
import { SqlBlock } from "../../../shared/ui/SqlBlock";
import { Loaded } from "../../../shared/ui/States";
import { Select } from "../../../shared/ui/Select";
import type { TabProps } from "../TablePage";

/** The query, and how a change goes through it. */
export function PlanTab({ table }: TabProps): React.ReactElement {
  const plan = useQuery(planQuery(table, true));
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Definition table={table} />
      <Panel title={t.plan}>
        <Loaded query={plan} lines={6}>
          {(data) =>
            data.tree === null ? (
              <Alert severity="info" variant="outlined">
                {t.planFull}
              </Alert>
            ) : (
              <>
                <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
                  {t.planHint}
                </Typography>
                <PlanView plan={data} />
              </>
            )
          }
        </Loaded>
      </Panel>
    </Box>
  );
}

function Definition({ table }: TabProps): React.ReactElement {
  const [{ version }, setState] = useUrlState({ version: "" });
  const versions = useQuery(versionsQuery(table));
  const shown = versions.data?.find((each) => String(each.version) === version);
  return (
    <Panel
      title={t.definition}
      aside={
        (versions.data?.length ?? 0) > 1 ? (
          <Select
            label={t.versions}
            value={version === "" ? String(table.version) : version}
            options={(versions.data ?? []).map((each) => [String(each.version), t.version(each.version)])}
            onChange={(next) => setState({ version: next === String(table.version) ? "" : next })}
          />
        ) : null
      }
    >
      <SqlBlock sql={shown?.definition ?? table.definition} label={t.definition} />
      {shown ? (
        <Typography variant="caption" color="textSecondary">
          {shown.created_by}, <Ago at={shown.created_at} />
        </Typography>
      ) : null}
    </Panel>
  );
}
