import Box from "@mui/material/Box";
import { LENSES, type LensName } from "../../shared/dag/lens";
import { cssColor } from "../../shared/lib/status";
import { graphTexts as t } from "../../shared/texts/graph";

/** What the colours mean. */
export function Legend({ lens }: { lens: LensName }): React.ReactElement {
  return (
    <Box component="ul" aria-label={t.legend} sx={BOX}>
      {LENSES[lens].legend.map(([label, color]) => (
        <Box component="li" key={label} sx={{ display: "flex", alignItems: "center", gap: 0.75 }}>
          <Box component="span" sx={{ width: 10, height: 10, borderRadius: "3px", bgcolor: cssColor(color) }} />
          {label}
        </Box>
      ))}
    </Box>
  );
}

const BOX = {
  position: "absolute",
  left: 60,
  bottom: 14,
  m: 0,
  p: 1,
  listStyle: "none",
  display: "flex",
  flexWrap: "wrap",
  columnGap: 1.5,
  rowGap: 0.25,
  maxWidth: "55%",
  borderRadius: 1,
  border: 1,
  borderColor: "divider",
  bgcolor: "background.paper",
  fontSize: "0.6875rem",
  color: "text.secondary",
  pointerEvents: "none",
} as const;
