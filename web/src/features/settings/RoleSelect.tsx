import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { Schemas } from "../../api/types";
import { settingsTexts as t } from "../../shared/texts/settings";

type Role = Schemas["Role"];

const ROLES: readonly Role[] = ["viewer", "operator", "editor", "admin"];

interface RoleSelectProps {
  label: string;
  value: Role;
  onChange: (role: Role) => void;
  /** Show the label above the field rather than only to screen readers. */
  labelled?: boolean;
}

/** One of the four roles. */
export function RoleSelect({
  label,
  value,
  onChange,
  labelled = false,
}: RoleSelectProps): React.ReactElement {
  return (
    <TextField
      select
      {...(labelled ? { label } : {})}
      value={value}
      onChange={(event) => {
        const role = ROLES.find((each) => each === event.target.value);
        if (role) onChange(role);
      }}
      sx={{ minWidth: 130 }}
      slotProps={{ select: { renderValue: () => value, SelectDisplayProps: { "aria-label": label } } }}
    >
      {ROLES.map((role) => (
        <MenuItem key={role} value={role}>
          {t.roles[role]}
        </MenuItem>
      ))}
    </TextField>
  );
}
