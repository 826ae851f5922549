import Box from "@mui/material/Box";
import { StateMark } from "../ui/StateMark";
import { severityLook } from "./looks";

/** How bad it is, with its shape. */
export function Severity({ of }: { of: string | undefined }): React.ReactElement {
  const look = severityLook(of);
  return (
    <Box
      component="span"
      sx={{ display: "inline-flex", alignItems: "center", gap: 0.75, fontWeight: 520, whiteSpace: "nowrap" }}
    >
      <StateMark look={look} />
      {look.label}
    </Box>
  );
}
