import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import Typography from "@mui/material/Typography";
import { useId } from "react";
import type { SystemStyleObject } from "@mui/system";
import type { Theme } from "@mui/material/styles";

interface PanelProps {
  title?: string;
  /** At the right of the title. */
  aside?: React.ReactNode;
  /** Let the content touch the border, for tables. */
  flush?: boolean;
  sx?: SystemStyleObject<Theme>;
  children: React.ReactNode;
}

/** A titled region with a border. */
export function Panel({ title, aside, flush = false, sx = {}, children }: PanelProps): React.ReactElement {
  const id = useId();
  return (
    <Card
      component="section"
      {...(title ? { "aria-labelledby": id } : {})}
      sx={[{ display: "flex", flexDirection: "column", minWidth: 0, flexShrink: 0 }, sx]}
    >
      {title ? (
        <Box
          sx={{
            display: "flex",
            alignItems: "center",
            gap: 1,
            px: 2,
            pt: 1.25,
            pb: flush ? 1 : 0.5,
            minHeight: 40,
          }}
        >
          <Typography id={id} variant="h2" sx={{ flex: 1, minWidth: 0 }}>
            {title}
          </Typography>
          {aside}
        </Box>
      ) : null}
      <Box
        sx={{ flex: 1, minHeight: 0, minWidth: 0, ...(flush ? {} : { px: 2, pb: 2, pt: title ? 0.5 : 2 }) }}
      >
        {children}
      </Box>
    </Card>
  );
}
