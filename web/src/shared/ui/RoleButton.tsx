import Button, { type ButtonProps } from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { useDenied, type Role } from "../hooks/use-denied";

interface RoleButtonProps extends ButtonProps {
  /** The least role that may do it. */
  needs: Role;
  hint?: string;
}

/** A button that knows who may press it, and says why somebody may not. */
export function RoleButton({ needs, hint = "", disabled, ...rest }: RoleButtonProps): React.ReactElement {
  const denied = useDenied(needs);
  const button = <Button {...rest} disabled={disabled === true || denied !== null} />;
  const title = denied ?? hint;
  if (title === "") return button;
  return (
    <Tooltip title={title}>
      {/* What is disabled has no events of its own; the reason has to be within reach of the keyboard. */}
      <span
        tabIndex={denied === null ? undefined : 0}
        aria-label={denied ?? undefined}
        style={{ display: "inline-flex" }}
      >
        {button}
      </span>
    </Tooltip>
  );
}
