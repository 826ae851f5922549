import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import Typography from "@mui/material/Typography";
import type { TableScored } from "../../api/queries/quality";
import { QUALITY_LOOKS, scoreText, type TableQuality } from "../../shared/lib/quality";
import { qualityTexts as t } from "../../shared/texts/quality";
import { StateMark } from "../../shared/ui/StateMark";

const ORDER: readonly TableQuality[] = ["HEALTHY", "WARNING", "ERROR", "UNKNOWN"];

/** How many tables are as they should be, and how good all are. */
export function QualityTiles({ tables }: { tables: readonly TableScored[] }): React.ReactElement {
  const scores = tables.flatMap(({ latest }) => (latest?.score == null ? [] : [latest.score]));
  const mean = scores.length === 0 ? null : scores.reduce((sum, each) => sum + each, 0) / scores.length;
  const failing = tables.reduce((sum, { latest }) => sum + (latest?.failing ?? 0), 0);
  const rules = tables.reduce((sum, each) => sum + each.rules, 0);
  return (
    <Box sx={GRID}>
      {ORDER.map((health) => {
        const look = QUALITY_LOOKS[health];
        const n = tables.filter(({ latest }) => (latest?.health ?? "UNKNOWN") === health).length;
        return (
          <Tile
            key={health}
            label={look.label}
            mark={<StateMark look={look} />}
            value={String(n)}
            color={n > 0 && health !== "HEALTHY" ? look.color : "text.primary"}
          />
        );
      })}
      <Tile label={t.average} value={scoreText(mean)} />
      <Tile
        label={t.failing}
        value={t.ofRules(failing, rules)}
        color={failing > 0 ? "states.failing" : "text.primary"}
      />
    </Box>
  );
}

interface TileProps {
  label: string;
  value: string;
  mark?: React.ReactNode;
  color?: string;
}

function Tile({ label, value, mark = null, color = "text.primary" }: TileProps): React.ReactElement {
  return (
    <Card sx={{ px: 1.75, py: 1.25 }}>
      <Typography
        variant="caption"
        color="textSecondary"
        sx={{ display: "flex", gap: 0.75, alignItems: "center" }}
      >
        {mark}
        {label}
      </Typography>
      <Typography sx={{ ...VALUE, color }}>{value}</Typography>
    </Card>
  );
}

const VALUE = {
  fontSize: "1.375rem",
  fontWeight: 620,
  lineHeight: 1.35,
  letterSpacing: "-0.02em",
  fontVariantNumeric: "tabular-nums",
} as const;
const GRID = {
  display: "grid",
  gap: 1.25,
  gridTemplateColumns: { xs: "repeat(2, 1fr)", sm: "repeat(3, 1fr)", lg: "repeat(6, minmax(0, 1fr))" },
} as const;
