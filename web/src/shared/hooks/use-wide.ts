import useMediaQuery from "@mui/material/useMediaQuery";

/** Whether there is room for everything: a laptop rather than a phone. */
export function useWide(pixels = 900): boolean {
  return useMediaQuery(`(min-width: ${pixels}px)`);
}
