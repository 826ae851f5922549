import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { TableDetail } from "../../../api/types";
import { HEALTH_LOOKS, STATUS_LOOKS, words } from "../../../shared/lib/status";
import { tableTexts as t } from "../../../shared/texts/table";
import { StateMark } from "../../../shared/ui/StateMark";

/** The observations that a table's health follows from, the worst first. */
export function Causes({ table }: { table: TableDetail }): React.ReactElement {
  if (table.causes.length === 0) {
    return (
      <Typography variant="body2" sx={{ display: "flex", gap: 1, alignItems: "center" }}>
        <StateMark look={STATUS_LOOKS.FRESH} />
        {t.healthy}
      </Typography>
    );
  }
  return (
    <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 0.75 }}>
      {table.causes.map((cause) => (
        <Box
          component="li"
          key={`${cause.aspect}${cause.message}`}
          sx={{ display: "flex", gap: 1, alignItems: "baseline" }}
        >
          <StateMark look={HEALTH_LOOKS[cause.health]} />
          <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
            <Box component="span" sx={{ fontWeight: 580 }}>
              {words(cause.aspect)}:
            </Box>{" "}
            {cause.message}
          </Typography>
        </Box>
      ))}
    </Box>
  );
}
