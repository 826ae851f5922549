import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { shell } from "../shared/texts/shell";

/** The sign and the name. */
export function Brand({ collapsed = false }: { collapsed?: boolean }): React.ReactElement {
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 1.25, height: 52, px: 1.75, flex: "none" }}>
      <Box component="img" src="/favicon.svg" alt="" width={26} height={26} />
      {collapsed ? null : (
        <Typography component="span" sx={{ fontWeight: 680, letterSpacing: "-0.02em", fontSize: "1rem" }}>
          {shell.product}
        </Typography>
      )}
    </Box>
  );
}
