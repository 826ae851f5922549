import ListItemIcon from "@mui/material/ListItemIcon";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";

export interface MenuChoice {
  label: string;
  icon?: React.ReactNode;
  selected?: boolean;
  disabled?: boolean;
  onChoose?: () => void;
}

interface ChoiceMenuProps {
  anchor: HTMLElement;
  choices: readonly MenuChoice[];
  onClose: () => void;
}

/** The menu of a button of the top bar; loaded when it is opened first. */
export function ChoiceMenu({ anchor, choices, onClose }: ChoiceMenuProps): React.ReactElement {
  return (
    <Menu anchorEl={anchor} open onClose={onClose}>
      {choices.map(({ label, icon, selected = false, disabled = false, onChoose }) => (
        <MenuItem
          key={label}
          dense
          selected={selected}
          disabled={disabled}
          onClick={() => {
            onChoose?.();
            onClose();
          }}
        >
          {icon ? <ListItemIcon>{icon}</ListItemIcon> : null}
          {label}
        </MenuItem>
      ))}
    </Menu>
  );
}
