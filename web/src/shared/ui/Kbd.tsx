import Box from "@mui/material/Box";

/** A key to press. */
export function Kbd({ children }: { children: React.ReactNode }): React.ReactElement {
  return (
    <Box
      component="kbd"
      sx={{
        px: 0.6,
        py: "1px",
        border: 1,
        borderColor: "divider",
        borderRadius: "4px",
        fontSize: "0.6875rem",
        color: "text.secondary",
        bgcolor: "background.default",
        whiteSpace: "nowrap",
      }}
    >
      {children}
    </Box>
  );
}
