import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { TableDetail } from "../../../api/types";
import { words } from "../../../shared/lib/status";
import { tableTexts as t } from "../../../shared/texts/table";
import { Panel } from "../../../shared/ui/Panel";

/** Why a table is refreshed in full, and what would change that. */
export function ModeReasons({ table }: { table: TableDetail }): React.ReactElement | null {
  if (table.mode !== "FULL" || table.mode_reasons.length === 0) return null;
  return (
    <Panel title={t.whyFull}>
      <Box sx={{ display: "grid", gap: 1 }}>
        {table.mode_reasons.map((reason) => (
          <Box key={`${reason.reason}${reason.fragment ?? ""}`}>
            <Typography variant="body2" sx={{ fontWeight: 580 }}>
              {words(reason.reason)}
            </Typography>
            <Typography variant="body2">{reason.detail}</Typography>
            {reason.hint ? (
              <Typography variant="body2" color="textSecondary">
                {reason.hint}
              </Typography>
            ) : null}
            {reason.fragment ? <code>{reason.fragment}</code> : null}
          </Box>
        ))}
      </Box>
    </Panel>
  );
}
