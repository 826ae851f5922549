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
          <Box
            component="span"
            sx={{ width: 10, height: 10, borderRadius: "3px", bgcolor: cssColor(color) }}
          />
          {label}
        </Box>
      ))}
    </Box>
  );
}

const BOX = {
  m: 0,
  px: 2,
  py: 0.75,
  listStyle: "none",
  display: "flex",
  flexWrap: "wrap",
  columnGap: 1.5,
  rowGap: 0.25,
  borderTop: 1,
  borderColor: "divider",
  flex: "none",
  fontSize: "0.6875rem",
  color: "text.secondary",
} as const;
