import Box from "@mui/material/Box";
import { qualityLook, scoreText, type TableQuality } from "../lib/quality";
import { cssColor, type Look } from "../lib/status";
import { StateMark } from "./StateMark";

/** The score of a table: shape, colour and number; the word is read to who cannot see the shape. */
export function Score({
  score,
  health,
  words = false,
}: {
  score: number | null | undefined;
  health: TableQuality | null | undefined;
  words?: boolean;
}): React.ReactElement {
  const look = qualityLook(health);
  return (
    <Box component="span" title={look.label} sx={ROW}>
      <StateMark look={look} />
      <span>{scoreText(score)}</span>
      <Box component="span" sx={words ? { color: "text.secondary" } : HIDDEN}>
        {look.label}
      </Box>
    </Box>
  );
}

/** A share from 0 to 100 as a bar with its number. */
export function Bar({ value, look }: { value: number; look: Look }): React.ReactElement {
  return (
    <Box component="span" sx={{ display: "grid", gap: 0.25, width: 1, minWidth: 0 }}>
      <Box component="span" sx={{ fontVariantNumeric: "tabular-nums", lineHeight: 1.2 }}>
        {scoreText(value)}
      </Box>
      <Box component="span" aria-hidden sx={TRACK}>
        <Box
          component="span"
          sx={{ display: "block", height: 1, width: `${value}%`, bgcolor: cssColor(look.color) }}
        />
      </Box>
    </Box>
  );
}

const ROW = {
  display: "inline-flex",
  alignItems: "center",
  gap: 0.75,
  fontWeight: 520,
  whiteSpace: "nowrap",
  fontVariantNumeric: "tabular-nums",
} as const;
const HIDDEN = {
  position: "absolute",
  width: "1px",
  height: "1px",
  overflow: "hidden",
  clipPath: "inset(50%)",
} as const;
const TRACK = {
  display: "block",
  height: 4,
  borderRadius: 2,
  overflow: "hidden",
  bgcolor: "divider",
} as const;
