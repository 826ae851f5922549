import Box from "@mui/material/Box";
import { actionColor, cssColor, words } from "../lib/status";

/** What a refresh did, or the mode of a table, as a small outlined word. */
export function ActionChip({ action }: { action: string | null | undefined }): React.ReactElement {
  const color = cssColor(actionColor(action));
  return (
    <Box
      component="span"
      sx={{
        display: "inline-block",
        px: 0.75,
        borderRadius: "5px",
        fontSize: "0.75rem",
        lineHeight: "19px",
        fontWeight: 540,
        whiteSpace: "nowrap",
        color,
        border: `1px solid color-mix(in srgb, ${color} 35%, transparent)`,
        bgcolor: `color-mix(in srgb, ${color} 7%, transparent)`,
      }}
    >
      {words(action)}
    </Box>
  );
}
