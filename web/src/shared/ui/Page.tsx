import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useEffect } from "react";

interface PageProps {
  title: string;
  /** Said below the title: what the page answers. */
  subtitle?: React.ReactNode;
  /** Beside the title: chips of a state. */
  badge?: React.ReactNode;
  actions?: React.ReactNode;
  /** Fill the height of the window instead of growing with the content. */
  fill?: boolean;
  children: React.ReactNode;
}

/** The frame of every page: one h1, its actions, its content. */
export function Page({
  title,
  subtitle,
  badge,
  actions,
  fill = false,
  children,
}: PageProps): React.ReactElement {
  useEffect(() => {
    document.title = `${title} · dyntables`;
  }, [title]);
  return (
    <Box
      sx={{
        p: { xs: 1.5, sm: 2.5 },
        display: "flex",
        flexDirection: "column",
        gap: 2,
        ...(fill ? FILL : {}),
      }}
    >
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "flex-start", gap: 1.5 }}>
        <Box sx={{ flex: 1, minWidth: 220 }}>
          <Box sx={{ display: "flex", alignItems: "center", gap: 1.25, flexWrap: "wrap" }}>
            <Typography variant="h1" sx={{ overflowWrap: "anywhere" }}>
              {title}
            </Typography>
            {badge}
          </Box>
          {subtitle ? (
            <Typography variant="body2" component="div" color="textSecondary" sx={{ mt: 0.25 }}>
              {subtitle}
            </Typography>
          ) : null}
        </Box>
        {actions ? (
          <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap", alignItems: "center" }}>{actions}</Box>
        ) : null}
      </Box>
      {children}
    </Box>
  );
}

const FILL = { flex: 1, minHeight: 0 } as const;
