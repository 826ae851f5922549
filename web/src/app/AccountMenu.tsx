import PersonOutline from "@mui/icons-material/PersonOutlined";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Tooltip from "@mui/material/Tooltip";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { meQuery, useSignOut } from "../api/queries/auth";
import { useToast } from "../shared/hooks/use-toast";
import { shell } from "../shared/texts/shell";

/** Who is signed in, and the way out. */
export function AccountMenu(): React.ReactElement {
  const { data: me } = useQuery(meQuery());
  const signOut = useSignOut();
  const toast = useToast();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const who = me ? `${me.name}, ${me.role}` : shell.account;
  return (
    <>
      <Tooltip title={who}>
        <IconButton aria-label={`${shell.account}: ${who}`} aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
          <PersonOutline fontSize="small" />
        </IconButton>
      </Tooltip>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem disabled dense>
          {who}
        </MenuItem>
        <MenuItem dense component={Link} to="/settings?tab=tokens" onClick={() => setAnchor(null)}>
          {shell.settings}
        </MenuItem>
        {me?.how === "session" ? (
          <MenuItem dense onClick={() => signOut.mutate(undefined, { onError: toast.failed })}>
            {shell.signOut}
          </MenuItem>
        ) : null}
      </Menu>
    </>
  );
}
