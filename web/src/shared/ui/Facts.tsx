import Box from "@mui/material/Box";

/** Names and values in two columns. */
export function Facts({
  items,
}: {
  items: readonly (readonly [name: string, value: React.ReactNode])[];
}): React.ReactElement {
  return (
    <Box component="dl" sx={GRID}>
      {items.map(([name, value]) => (
        <Box key={name} sx={{ display: "contents" }}>
          <Box component="dt" sx={{ color: "text.secondary" }}>
            {name}
          </Box>
          <Box component="dd" sx={{ m: 0, minWidth: 0, overflowWrap: "anywhere" }}>
            {value}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

const GRID = {
  m: 0,
  display: "grid",
  gridTemplateColumns: "minmax(96px, max-content) minmax(0, 1fr)",
  columnGap: 2,
  rowGap: 0.9,
  fontSize: "0.8125rem",
  lineHeight: 1.5,
} as const;
