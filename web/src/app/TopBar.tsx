import KeyboardOutlined from "@mui/icons-material/KeyboardOutlined";
import MenuIcon from "@mui/icons-material/Menu";
import MenuOpenIcon from "@mui/icons-material/MenuOpen";
import SearchIcon from "@mui/icons-material/Search";
import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { lazy, Suspense } from "react";
import { shell } from "../shared/texts/shell";
import { Kbd } from "../shared/ui/Kbd";
import { AccountMenu } from "./AccountMenu";
import { Breadcrumbs } from "./Breadcrumbs";
import { LiveIndicator } from "./LiveIndicator";
import { ThemeMenu } from "./ThemeMenu";

const AlertBell = lazy(() => import("./AlertBell").then((m) => ({ default: m.AlertBell })));

interface TopBarProps {
  collapsed: boolean;
  onToggle: () => void;
  onDrawer: () => void;
  onPalette: () => void;
  onShortcuts: () => void;
}

/** Where one is, whether it is live, and the doors to everything else. */
export function TopBar({
  collapsed,
  onToggle,
  onDrawer,
  onPalette,
  onShortcuts,
}: TopBarProps): React.ReactElement {
  return (
    <Box component="header" sx={BAR}>
      <IconButton onClick={onDrawer} aria-label={shell.openNavigation} sx={{ display: { md: "none" } }}>
        <MenuIcon fontSize="small" />
      </IconButton>
      <Tooltip title={`${collapsed ? shell.expand : shell.collapse}  [`}>
        <IconButton
          onClick={onToggle}
          aria-label={collapsed ? shell.expand : shell.collapse}
          sx={{ display: { xs: "none", md: "inline-flex" } }}
        >
          <MenuOpenIcon fontSize="small" sx={{ transform: collapsed ? "scaleX(-1)" : "none" }} />
        </IconButton>
      </Tooltip>
      <Breadcrumbs />
      <Box sx={{ flex: 1 }} />
      <ButtonBase
        onClick={onPalette}
        aria-keyshortcuts="Control+K"
        aria-label={`${shell.search} Ctrl K`}
        sx={SEARCH}
      >
        <SearchIcon sx={{ fontSize: 17 }} />
        <Box component="span" sx={{ flex: 1, textAlign: "left", display: { xs: "none", sm: "inline" } }}>
          {shell.search}
        </Box>
        <Box component="span" sx={{ display: { xs: "none", sm: "inline" } }}>
          <Kbd>Ctrl K</Kbd>
        </Box>
      </ButtonBase>
      <LiveIndicator />
      <Suspense fallback={null}>
        <AlertBell />
      </Suspense>
      <ThemeMenu />
      <Tooltip title={`${shell.shortcuts}  ?`}>
        <IconButton
          onClick={onShortcuts}
          aria-label={shell.shortcuts}
          sx={{ display: { xs: "none", sm: "inline-flex" } }}
        >
          <KeyboardOutlined fontSize="small" />
        </IconButton>
      </Tooltip>
      <AccountMenu />
    </Box>
  );
}

const BAR = {
  height: 52,
  flex: "none",
  display: "flex",
  alignItems: "center",
  gap: 1,
  px: { xs: 1, sm: 1.5 },
  borderBottom: 1,
  borderColor: "divider",
  bgcolor: "background.paper",
} as const;

const SEARCH = {
  display: "flex",
  gap: 1,
  px: 1.25,
  height: 32,
  minWidth: { xs: 32, sm: 220 },
  border: 1,
  borderColor: "divider",
  borderRadius: 1,
  color: "text.secondary",
  fontSize: "0.8125rem",
  "&:hover": { borderColor: "text.secondary" },
} as const;
