import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { lazy, Suspense, useState } from "react";
import type { MenuChoice } from "./ChoiceMenu";

const ChoiceMenu = lazy(() => import("./ChoiceMenu").then((m) => ({ default: m.ChoiceMenu })));

interface MenuButtonProps {
  label: string;
  icon: React.ReactNode;
  choices: readonly MenuChoice[];
}

/** A button of the top bar that opens a menu. */
export function MenuButton({ label, icon, choices }: MenuButtonProps): React.ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Tooltip title={label}>
        <IconButton
          aria-label={label}
          aria-haspopup="menu"
          aria-expanded={anchor !== null}
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          {icon}
        </IconButton>
      </Tooltip>
      {anchor ? (
        <Suspense fallback={null}>
          <ChoiceMenu anchor={anchor} choices={choices} onClose={() => setAnchor(null)} />
        </Suspense>
      ) : null}
    </>
  );
}
