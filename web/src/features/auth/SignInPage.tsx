import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import Divider from "@mui/material/Divider";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { signInQuery, useSignIn } from "../../api/queries/auth";
import { describe } from "../../shared/hooks/use-toast";
import { signInTexts as t } from "../../shared/texts/settings";

/** The door. What was asked for is shown once somebody is in. */
export function SignInPage(): React.ReactElement {
  const ways = useQuery(signInQuery());
  useEffect(() => {
    document.title = `${t.title} · dyntables`;
  }, []);
  return (
    <Box component="main" sx={{ minHeight: "100dvh", display: "grid", placeItems: "center", p: 2 }}>
      <Card sx={{ width: 1, maxWidth: 380, p: 3.5, display: "grid", gap: 2.5 }}>
        <Box sx={{ display: "flex", gap: 1.5, alignItems: "center" }}>
          <Box component="img" src="/favicon.svg" alt="" width={36} height={36} />
          <Box>
            <Typography variant="h1">dyntables</Typography>
            <Typography variant="caption" color="textSecondary">
              {t.tagline}
            </Typography>
          </Box>
        </Box>
        {ways.data?.password === false ? null : <PasswordForm />}
        {ways.data?.oidc ? (
          <>
            <Divider />
            <Button
              variant="outlined"
              href={`/api/v1/auth/oidc/start?next=${encodeURIComponent(location.pathname + location.search)}`}
            >
              {t.oidc}
            </Button>
          </>
        ) : null}
      </Card>
    </Box>
  );
}

function PasswordForm(): React.ReactElement {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn();
  return (
    <Box
      component="form"
      sx={{ display: "grid", gap: 2 }}
      onSubmit={(event: React.SyntheticEvent) => {
        event.preventDefault();
        signIn.mutate({ name, password });
      }}
    >
      {signIn.error ? <Alert severity="error">{describe(signIn.error)}</Alert> : null}
      <TextField
        label={t.name}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="username"
        autoFocus
        required
      />
      <TextField
        label={t.password}
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
        required
      />
      <Button type="submit" variant="contained" size="medium" loading={signIn.isPending}>
        {t.submit}
      </Button>
    </Box>
  );
}
