import Accordion from "@mui/material/Accordion";
import AccordionDetails from "@mui/material/AccordionDetails";
import AccordionSummary from "@mui/material/AccordionSummary";
import ExpandMore from "@mui/icons-material/ExpandMore";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { Plan } from "../../api/types";
import { count, milliseconds, plural } from "../lib/format";
import { words } from "../lib/status";
import { planTexts as t } from "../texts/plan";
import { SqlBlock } from "../ui/SqlBlock";
import { ClassChip, PlanTree } from "./PlanTree";

/** A delta plan with its legend, its missing indexes and its statements. */
export function PlanView({ plan }: { plan: Plan }): React.ReactElement {
  return (
    <Box sx={{ display: "grid", gap: 1.5, minWidth: 0, gridTemplateColumns: "minmax(0, 1fr)" }}>
      {plan.measured ? <MeasuredLine measured={plan.measured} /> : null}
      <PlanTree plan={plan} />
      {plan.missing_indexes.length > 0 ? (
        <Alert severity="warning" variant="outlined" sx={{ "& .MuiAlert-message": { minWidth: 0, flex: 1 } }}>
          <Box sx={{ fontWeight: 580, mb: 0.5 }}>{t.missing}</Box>
          {plan.missing_indexes.map((lookup) => (
            <Box key={`${lookup.table}${lookup.columns.join()}`} sx={{ mb: 1 }}>
              <Box sx={{ mb: 0.5 }}>{lookup.when}</Box>
              {lookup.statement ? <SqlBlock sql={lookup.statement} label={t.missing} /> : null}
            </Box>
          ))}
        </Alert>
      ) : null}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5 }}>
        {Object.entries(plan.classes).map(([name, meaning]) => (
          <Box key={name} sx={{ display: "flex", gap: 0.75, alignItems: "baseline" }}>
            <ClassChip name={name} meaning="" />
            <Typography variant="caption" color="textSecondary">
              {meaning}
            </Typography>
          </Box>
        ))}
      </Box>
      <Statements plan={plan} />
    </Box>
  );
}

function MeasuredLine({ measured }: { measured: NonNullable<Plan["measured"]> }): React.ReactElement {
  return (
    <Typography variant="body2" color="textSecondary">
      {t.measured(words(measured.action), milliseconds(measured.milliseconds))} +
      {count(measured.rows_inserted)} −{count(measured.rows_deleted)}
    </Typography>
  );
}

function Statements({ plan }: { plan: Plan }): React.ReactElement | null {
  const statements = plan.statements ?? [];
  if (statements.length === 0) return null;
  return (
    <Accordion variant="outlined" disableGutters slotProps={{ transition: { unmountOnExit: true } }}>
      <AccordionSummary expandIcon={<ExpandMore />}>
        {t.statements(plural(statements.length, "statement"))}
      </AccordionSummary>
      <AccordionDetails sx={{ display: "grid", gap: 1.5, gridTemplateColumns: "minmax(0, 1fr)" }}>
        {statements.map((statement, index) => (
          <Box key={index}>
            <Typography variant="caption" color="textSecondary">
              {t.stage(statement.stage)} · {statement.label || statement.purpose}
            </Typography>
            <SqlBlock sql={statement.sql} label={statement.label || statement.purpose} />
          </Box>
        ))}
      </AccordionDetails>
    </Accordion>
  );
}
