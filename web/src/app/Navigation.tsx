import Box from "@mui/material/Box";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemIcon from "@mui/material/ListItemIcon";
import ListItemText from "@mui/material/ListItemText";
import Tooltip from "@mui/material/Tooltip";
import { NavLink, useLocation } from "react-router";
import { shell } from "../shared/texts/shell";
import { navItems } from "./nav-items";

function isCurrent(path: string, location: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
}

/** The list of rooms, with the present one marked. */
export function Navigation({
  collapsed,
  onGo,
}: {
  collapsed: boolean;
  onGo?: () => void;
}): React.ReactElement {
  const { pathname } = useLocation();
  return (
    <Box component="nav" aria-label={shell.navigation} sx={{ px: 1, py: 1 }}>
      <List disablePadding sx={{ display: "grid", gap: 0.25 }}>
        {navItems.map(({ path, label, icon, keys }) => (
          <ListItem key={path} disablePadding>
            <Tooltip title={collapsed ? label : ""} placement="right" describeChild={!collapsed}>
              <ListItemButton
                component={NavLink}
                to={path}
                end={path === "/"}
                selected={isCurrent(path, pathname)}
                aria-label={label}
                aria-keyshortcuts={keys}
                {...(onGo ? { onClick: onGo } : {})}
                sx={{ py: 0.75, px: 1.25, minHeight: 36 }}
              >
                <ListItemIcon sx={{ minWidth: collapsed ? 0 : 30, color: "inherit" }}>{icon}</ListItemIcon>
                {collapsed ? null : (
                  <ListItemText
                    primary={label}
                    slotProps={{ primary: { variant: "body2", sx: { fontWeight: 520 } } }}
                  />
                )}
              </ListItemButton>
            </Tooltip>
          </ListItem>
        ))}
      </List>
    </Box>
  );
}
