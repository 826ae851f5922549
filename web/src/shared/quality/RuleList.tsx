import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { QualityRule } from "../../api/queries/quality";
import { CODE } from "../lib/fonts";
import { count } from "../lib/format";
import { RULE_LOOKS, RULE_ORDER, shareText } from "../lib/quality";
import { words } from "../lib/status";
import { qualityTexts as t } from "../texts/quality";
import { Ago } from "../ui/Ago";
import { StateMark } from "../ui/StateMark";

interface RuleListProps {
  rules: readonly QualityRule[];
  selected: string;
  onOpen: (name: string) => void;
}

const WEIGHT = ["CRITICAL", "ERROR", "WARNING", "INFO"];

function order(rule: QualityRule): number {
  const state = rule.result?.state ?? "NOT_EVALUATED";
  return RULE_ORDER.indexOf(state) * 10 + WEIGHT.indexOf(rule.severity);
}

/** Rules, those that fail first. */
export function RuleList({ rules, selected, onOpen }: RuleListProps): React.ReactElement {
  const sorted = [...rules].sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
  return (
    <Box sx={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label={t.rules}>
      <Table size="small" aria-label={t.rules}>
        <TableHead>
          <TableRow>
            <TableCell>{t.colRule}</TableCell>
            <TableCell>{t.colState}</TableCell>
            <TableCell align="right">{t.colFailed}</TableCell>
            <TableCell sx={WIDE} align="right">
              {t.colShare}
            </TableCell>
            <TableCell sx={WIDE}>{t.colSeverity}</TableCell>
            <TableCell sx={WIDE}>{t.dimension}</TableCell>
            <TableCell sx={WIDE}>{t.colChecked}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {sorted.map((rule) => (
            <RuleRow key={rule.name} rule={rule} selected={rule.name === selected} onOpen={onOpen} />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function RuleRow({
  rule,
  selected,
  onOpen,
}: {
  rule: QualityRule;
  selected: boolean;
  onOpen: (name: string) => void;
}): React.ReactElement {
  const { result } = rule;
  return (
    <TableRow hover selected={selected}>
      <TableCell sx={{ minWidth: 150, maxWidth: 420 }}>
        <ButtonBase onClick={() => onOpen(rule.name)} sx={NAME} aria-expanded={selected}>
          {rule.name}
        </ButtonBase>
        <Box
          sx={{ ...CODE, fontSize: "0.6875rem", color: "text.secondary", overflowWrap: "anywhere", ...CLIP }}
        >
          {rule.definition}
        </Box>
      </TableCell>
      <TableCell>
        <RuleStateLabel rule={rule} />
      </TableCell>
      <TableCell align="right" sx={{ fontVariantNumeric: "tabular-nums" }}>
        {result && result.checked > 0 ? count(result.failed) : "–"}
      </TableCell>
      <TableCell align="right" sx={{ ...WIDE, fontVariantNumeric: "tabular-nums" }}>
        {result ? shareText(result.failed, result.checked) : "–"}
      </TableCell>
      <TableCell sx={WIDE}>{words(rule.severity)}</TableCell>
      <TableCell sx={WIDE}>{words(rule.dimension)}</TableCell>
      <TableCell sx={WIDE}>
        <Ago at={result?.checked_at} />
      </TableCell>
    </TableRow>
  );
}

/** Whether a rule holds, or why nobody looks. */
export function RuleStateLabel({ rule }: { rule: QualityRule }): React.ReactElement {
  const look = RULE_LOOKS[rule.result?.state ?? "NOT_EVALUATED"];
  const off = rule.enabled ? null : (rule.disabled_reason ?? t.suspended);
  return (
    <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 0.75, fontWeight: 520 }}>
      {off === null ? <StateMark look={look} /> : null}
      {off ?? look.label}
    </Box>
  );
}

const WIDE = { display: { xs: "none", md: "table-cell" } } as const;
const NAME = {
  font: "inherit",
  fontWeight: 580,
  textAlign: "left",
  color: "primary.main",
  overflowWrap: "anywhere",
} as const;
const CLIP = {
  display: "-webkit-box",
  WebkitLineClamp: 2,
  WebkitBoxOrient: "vertical",
  overflow: "hidden",
} as const;
