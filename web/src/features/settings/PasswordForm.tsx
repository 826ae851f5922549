import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { useChangePassword } from "../../api/queries/auth";
import { useToast } from "../../shared/hooks/use-toast";
import { settingsTexts as t } from "../../shared/texts/settings";
import { ErrorState } from "../../shared/ui/States";

/** Change one's own password. */
export function PasswordForm(): React.ReactElement {
  const [before, setBefore] = useState("");
  const [after, setAfter] = useState("");
  const [kept, setKept] = useState(false);
  const change = useChangePassword();
  const toast = useToast();
  function submit(event: React.SyntheticEvent): void {
    event.preventDefault();
    change.mutate(
      { old_password: before, new_password: after, keep_tokens: kept },
      {
        // The sign-in goes on under a new cookie, with a new CSRF token.
        onSuccess: () => {
          toast.done(t.passwordChanged);
          setTimeout(() => location.reload(), 800);
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
        label={t.oldPassword}
        type="password"
        value={before}
        onChange={(event) => setBefore(event.target.value)}
        autoComplete="current-password"
        required
      />
      <TextField
        label={t.newPassword}
        type="password"
        value={after}
        onChange={(event) => setAfter(event.target.value)}
        autoComplete="new-password"
        required
      />
      <FormControlLabel
        control={<Checkbox checked={kept} onChange={(event) => setKept(event.target.checked)} />}
        label={t.keepTokens}
      />
      <Button type="submit" variant="outlined" size="medium" loading={change.isPending}>
        {t.changePassword}
      </Button>
      {change.error ? (
        <Box sx={{ width: 1 }}>
          <ErrorState error={change.error} />
        </Box>
      ) : null}
    </Box>
  );
}
