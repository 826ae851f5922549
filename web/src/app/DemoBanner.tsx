import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "../api/queries/system";
import { common } from "../shared/texts/common";

/** Say that nobody has to sign in here, and why. */
export function DemoBanner(): React.ReactElement | null {
  const { data } = useQuery(systemQuery());
  if (!data?.demo_mode) return null;
  return (
    <Box role="note" sx={BANNER}>
      {common.demoNotice}
    </Box>
  );
}

const BANNER = {
  px: 2,
  py: 0.4,
  fontSize: "0.75rem",
  textAlign: "center",
  color: "text.secondary",
  borderBottom: 1,
  borderColor: "divider",
  bgcolor: "color-mix(in srgb, var(--mui-palette-states-late) 8%, transparent)",
} as const;
