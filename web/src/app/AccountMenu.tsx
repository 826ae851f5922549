import PersonOutline from "@mui/icons-material/PersonOutlined";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { meQuery, useSignOut } from "../api/queries/auth";
import { useToast } from "../shared/hooks/use-toast";
import { shell } from "../shared/texts/shell";
import { MenuButton } from "./MenuButton";

/** Who is signed in, and the way out. */
export function AccountMenu(): React.ReactElement {
  const { data: me } = useQuery(meQuery());
  const signOut = useSignOut();
  const toast = useToast();
  const navigate = useNavigate();
  const who = me ? `${me.name}, ${me.role}` : shell.account;
  const leave = {
    label: shell.signOut,
    onChoose: () => signOut.mutate(undefined, { onError: toast.failed }),
  };
  return (
    <MenuButton
      label={`${shell.account}: ${who}`}
      icon={<PersonOutline fontSize="small" />}
      choices={[
        { label: who, disabled: true },
        { label: shell.tokens, onChoose: () => void navigate("/settings?tab=tokens") },
        ...(me?.how === "session" ? [leave] : []),
      ]}
    />
  );
}
