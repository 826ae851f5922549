import ContrastIcon from "@mui/icons-material/Contrast";
import DarkModeOutlined from "@mui/icons-material/DarkModeOutlined";
import LightModeOutlined from "@mui/icons-material/LightModeOutlined";
import { useColorScheme } from "@mui/material/styles";
import { shell } from "../shared/texts/shell";
import { MenuButton } from "./MenuButton";

const MODES = [
  { mode: "light", label: shell.light, icon: <LightModeOutlined fontSize="small" /> },
  { mode: "dark", label: shell.dark, icon: <DarkModeOutlined fontSize="small" /> },
  { mode: "system", label: shell.system, icon: <ContrastIcon fontSize="small" /> },
] as const;

/** Light, dark, or as the system is. */
export function ThemeMenu(): React.ReactElement {
  const { mode = "system", setMode } = useColorScheme();
  return (
    <MenuButton
      label={shell.appearance}
      icon={MODES.find((each) => each.mode === mode)?.icon}
      choices={MODES.map((each) => ({
        label: each.label,
        icon: each.icon,
        selected: each.mode === mode,
        onChoose: () => setMode(each.mode),
      }))}
    />
  );
}
