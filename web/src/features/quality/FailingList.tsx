import Box from "@mui/material/Box";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import Typography from "@mui/material/Typography";
import { Link } from "react-router";
import type { QualityRule } from "../../api/queries/quality";
import { count } from "../../shared/lib/format";
import { qualityPath } from "../../shared/lib/paths";
import { RULE_LOOKS, shareText } from "../../shared/lib/quality";
import { words } from "../../shared/lib/status";
import { qualityTexts as t } from "../../shared/texts/quality";
import { StateMark } from "../../shared/ui/StateMark";
import { Empty } from "../../shared/ui/States";

const WEIGHT = ["CRITICAL", "ERROR", "WARNING", "INFO"];

/** The rules that do not hold, the worst first. */
export function FailingList({ rules }: { rules: readonly QualityRule[] }): React.ReactElement {
  const active = rules.filter(({ enabled }) => enabled);
  if (active.length === 0) return <Empty title={t.nothingFails} hint={t.nothingFailsHint} />;
  const sorted = [...active].sort(
    (a, b) =>
      WEIGHT.indexOf(a.severity) - WEIGHT.indexOf(b.severity) ||
      (b.result?.failed ?? 0) - (a.result?.failed ?? 0),
  );
  return (
    <List disablePadding aria-label={t.fell}>
      {sorted.map((rule) => (
        <FailingRule key={`${rule.schema_name}.${rule.table_name}.${rule.name}`} rule={rule} />
      ))}
    </List>
  );
}

function FailingRule({ rule }: { rule: QualityRule }): React.ReactElement {
  const { result, previous_state: before } = rule;
  const look = RULE_LOOKS[result?.state ?? "NOT_EVALUATED"];
  const table = { schema_name: rule.schema_name, name: rule.table_name };
  return (
    <ListItem disablePadding sx={{ borderTop: 1, borderColor: "divider" }}>
      <ListItemButton component={Link} to={qualityPath(table, rule.name)} sx={ROW}>
        <StateMark look={look} />
        <Box sx={{ flex: 1, minWidth: 180 }}>
          <Typography variant="body2" sx={{ fontWeight: 580, overflowWrap: "anywhere" }}>
            {rule.name}
            {before === "PASSED" ? (
              <Box component="span" sx={{ ml: 1, fontSize: "0.6875rem", color: "states.failing" }}>
                {t.isNew}
              </Box>
            ) : null}
          </Typography>
          <Typography
            variant="caption"
            color="textSecondary"
            component="div"
            sx={{ overflowWrap: "anywhere" }}
          >
            {rule.schema_name}.{rule.table_name} · {words(rule.severity)}
            {rule.comment ? ` · ${rule.comment}` : ""}
          </Typography>
        </Box>
        <Typography variant="body2" sx={{ fontVariantNumeric: "tabular-nums", textAlign: "right" }}>
          {result?.state === "FAILED" ? count(result.failed) : look.label}
          {result?.state === "FAILED" ? (
            <Box component="span" sx={{ color: "text.secondary" }}>
              {` / ${count(result.checked)} · ${shareText(result.failed, result.checked)}`}
            </Box>
          ) : null}
        </Typography>
      </ListItemButton>
    </ListItem>
  );
}

const ROW = {
  display: "flex",
  flexWrap: "wrap",
  gap: 1.25,
  alignItems: "center",
  borderRadius: 0,
  px: 2,
  py: 0.75,
} as const;
