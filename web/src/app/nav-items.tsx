import AccountTreeOutlined from "@mui/icons-material/AccountTreeOutlined";
import NotificationsOutlined from "@mui/icons-material/NotificationsOutlined";
import BuildOutlined from "@mui/icons-material/AutoAwesomeMosaicOutlined";
import FactCheckOutlined from "@mui/icons-material/FactCheckOutlined";
import SpaceDashboardOutlined from "@mui/icons-material/SpaceDashboardOutlined";
import SettingsOutlined from "@mui/icons-material/SettingsOutlined";
import TableRowsOutlined from "@mui/icons-material/TableRowsOutlined";
import TerminalOutlined from "@mui/icons-material/TerminalOutlined";
import ViewTimelineOutlined from "@mui/icons-material/ViewTimelineOutlined";
import { shell } from "../shared/texts/shell";

export interface NavItem {
  path: string;
  label: string;
  keys: string;
  icon: React.ReactNode;
}

/** The rooms of the app, in the order of the navigation. */
export const navItems: readonly NavItem[] = [
  { path: "/", label: shell.overview, keys: "g o", icon: <SpaceDashboardOutlined fontSize="small" /> },
  { path: "/tables", label: shell.tables, keys: "g t", icon: <TableRowsOutlined fontSize="small" /> },
  { path: "/graph", label: shell.graph, keys: "g g", icon: <AccountTreeOutlined fontSize="small" /> },
  { path: "/timeline", label: shell.timeline, keys: "g l", icon: <ViewTimelineOutlined fontSize="small" /> },
  { path: "/quality", label: shell.quality, keys: "g q", icon: <FactCheckOutlined fontSize="small" /> },
  { path: "/alerts", label: shell.alerts, keys: "g a", icon: <NotificationsOutlined fontSize="small" /> },
  { path: "/builder", label: shell.builder, keys: "g b", icon: <BuildOutlined fontSize="small" /> },
  { path: "/console", label: shell.console, keys: "g s", icon: <TerminalOutlined fontSize="small" /> },
  { path: "/settings", label: shell.settings, keys: "g ,", icon: <SettingsOutlined fontSize="small" /> },
];
