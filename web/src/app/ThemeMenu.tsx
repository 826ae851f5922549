import ContrastIcon from "@mui/icons-material/Contrast";
import DarkModeOutlined from "@mui/icons-material/DarkModeOutlined";
import LightModeOutlined from "@mui/icons-material/LightModeOutlined";
import IconButton from "@mui/material/IconButton";
import ListItemIcon from "@mui/material/ListItemIcon";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Tooltip from "@mui/material/Tooltip";
import { useColorScheme } from "@mui/material/styles";
import { useState } from "react";
import { shell } from "../shared/texts/shell";

const MODES = [
  { mode: "light", label: shell.light, icon: <LightModeOutlined fontSize="small" /> },
  { mode: "dark", label: shell.dark, icon: <DarkModeOutlined fontSize="small" /> },
  { mode: "system", label: shell.system, icon: <ContrastIcon fontSize="small" /> },
] as const;

/** Light, dark, or as the system is. */
export function ThemeMenu(): React.ReactElement {
  const { mode = "system", setMode } = useColorScheme();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Tooltip title={shell.appearance}>
        <IconButton
          aria-label={shell.appearance}
          aria-haspopup="menu"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          {MODES.find((each) => each.mode === mode)?.icon}
        </IconButton>
      </Tooltip>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        {MODES.map((each) => (
          <MenuItem
            key={each.mode}
            dense
            selected={each.mode === mode}
            onClick={() => {
              setMode(each.mode);
              setAnchor(null);
            }}
          >
            <ListItemIcon>{each.icon}</ListItemIcon>
            {each.label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
