import Box from "@mui/material/Box";
import { cssColor, type Look } from "../lib/status";

const SHAPES: Record<Look["shape"], React.ReactNode> = {
  disc: <circle cx="5" cy="5" r="4" />,
  ring: <circle cx="5" cy="5" r="3" fill="none" stroke="currentColor" strokeWidth="2" />,
  diamond: <path d="M5 0.5L9.5 5L5 9.5L0.5 5Z" />,
  cross: <path d="M1.5 1.5L8.5 8.5M8.5 1.5L1.5 8.5" stroke="currentColor" strokeWidth="2.4" fill="none" />,
  bar: <path d="M2 1h2.2v8H2zM5.8 1H8v8H5.8z" />,
  triangle: <path d="M5 0.5L9.7 9H0.3Z" />,
};

/** The shape and colour of a state. */
export function StateMark({ look, size = 10 }: { look: Look; size?: number }): React.ReactElement {
  return (
    <Box
      component="svg"
      viewBox="0 0 10 10"
      aria-hidden
      sx={{ width: size, height: size, flex: "none", color: cssColor(look.color), fill: "currentColor" }}
    >
      {SHAPES[look.shape]}
    </Box>
  );
}
