import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { Link as RouterLink, useLocation } from "react-router";
import { shell } from "../shared/texts/shell";
import { navItems } from "./nav-items";

interface Crumb {
  label: string;
  path: string;
}

/** Read the way to a page from its address. */
export function crumbs(pathname: string): Crumb[] {
  const parts = pathname.split("/").filter((part) => part !== "");
  const room = navItems.find((item) => item.path === `/${parts[0] ?? ""}`);
  if (room === undefined) return [];
  const way = parts.map((part, index) => ({
    label: decodeURIComponent(part),
    path: `/${parts.slice(0, index + 1).join("/")}`,
  }));
  // A schema, and the word "refreshes", have no page of their own.
  return [
    { label: room.label, path: room.path },
    ...way.slice(1).filter((_, index) => index !== 0 || way.length < 3),
  ];
}

/** The way to this page. */
export function Breadcrumbs(): React.ReactElement {
  const { pathname } = useLocation();
  const way = crumbs(pathname);
  return (
    <Box component="nav" aria-label={shell.breadcrumbs} sx={{ minWidth: 0, overflow: "hidden" }}>
      <Box component="ol" sx={{ listStyle: "none", m: 0, p: 0, display: "flex", fontSize: "0.8125rem" }}>
        {way.map((crumb, index) => {
          const last = index === way.length - 1;
          return (
            <Box component="li" key={crumb.path} sx={{ display: "flex", minWidth: 0 }}>
              {index > 0 ? (
                <Box component="span" aria-hidden sx={{ px: 0.75, color: "text.secondary" }}>
                  /
                </Box>
              ) : null}
              {last ? (
                <Box component="span" aria-current="page" sx={LAST}>
                  {crumb.label}
                </Box>
              ) : (
                <Link component={RouterLink} to={crumb.path} color="textSecondary" noWrap>
                  {crumb.label}
                </Link>
              )}
            </Box>
          );
        })}
      </Box>
    </Box>
  );
}

const LAST = { fontWeight: 560, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" } as const;
