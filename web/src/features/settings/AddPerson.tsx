import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { useAddUser } from "../../api/queries/auth";
import type { Schemas } from "../../api/types";
import { settingsTexts as t } from "../../shared/texts/settings";
import { ErrorState } from "../../shared/ui/States";
import { RoleSelect } from "./RoleSelect";

/** A form for one more person. */
export function AddPerson({ first }: { first: boolean }): React.ReactElement {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Schemas["Role"]>("viewer");
  const add = useAddUser();
  function submit(event: React.SyntheticEvent): void {
    event.preventDefault();
    add.mutate(
      { name, role: first ? "admin" : role, password: password === "" ? null : password },
      {
        onSuccess: () => {
          setName("");
          setPassword("");
        },
      },
    );
  }
  return (
    <Box
      component="form"
      onSubmit={submit}
      sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "flex-start" }}
    >
      <TextField
        label={t.userName}
        value={name}
        onChange={(event) => setName(event.target.value)}
        required
        autoComplete="off"
      />
      <RoleSelect label={t.role} labelled value={first ? "admin" : role} onChange={setRole} />
      <TextField
        label={t.passwordField}
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        required={first}
        autoComplete="new-password"
        helperText={t.passwordHelp}
        sx={{ maxWidth: 280 }}
      />
      <Button type="submit" variant="contained" size="medium" loading={add.isPending}>
        {t.add}
      </Button>
      {add.error ? (
        <Box sx={{ width: 1 }}>
          <ErrorState error={add.error} />
        </Box>
      ) : null}
    </Box>
  );
}
