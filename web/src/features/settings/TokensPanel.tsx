import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery, tokensQuery, useMakeToken, useRemoveToken } from "../../api/queries/auth";
import type { Schemas } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { settingsTexts as t } from "../../shared/texts/settings";
import { Ago, Instant } from "../../shared/ui/Ago";
import { Confirm } from "../../shared/ui/Confirm";
import { Panel } from "../../shared/ui/Panel";
import { SqlBlock } from "../../shared/ui/SqlBlock";
import { Empty, ErrorState, Loaded } from "../../shared/ui/States";
import { PasswordForm } from "./PasswordForm";
import { RoleSelect } from "./RoleSelect";

/** One's own tokens and password. */
export function TokensPanel(): React.ReactElement {
  const { data: me } = useQuery(meQuery());
  const query = useQuery(tokensQuery());
  if (me?.how === "demo") {
    return (
      <Panel>
        <Empty title={t.noTokensDemo} hint={t.noPeopleHint} />
      </Panel>
    );
  }
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Panel title={t.tokens} flush>
        <Loaded
          query={query}
          isEmpty={(data) => data.length === 0}
          empty={<Empty title={t.noTokens} hint={t.tokenHint} />}
        >
          {(tokens) => <Tokens tokens={tokens} />}
        </Loaded>
      </Panel>
      <Panel title={t.makeToken}>
        <MakeToken />
      </Panel>
      <Panel title={t.changePassword}>
        <PasswordForm />
      </Panel>
    </Box>
  );
}

function Tokens({ tokens }: { tokens: readonly Schemas["AccessToken"][] }): React.ReactElement {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={t.tokens}>
        <TableHead>
          <TableRow>
            {[t.name, t.role, t.created, t.expires, t.used, ""].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function TokenRow({ token }: { token: Schemas["AccessToken"] }): React.ReactElement {
  const remove = useRemoveToken();
  const toast = useToast();
  const [confirm, setConfirm] = useState(false);
  return (
    <TableRow>
      <TableCell sx={{ fontWeight: 580 }}>{token.name}</TableCell>
      <TableCell>{token.role}</TableCell>
      <TableCell>
        <Instant at={token.created_at} />
      </TableCell>
      <TableCell>
        <Instant at={token.expires_at} />
      </TableCell>
      <TableCell>
        <Ago at={token.used_at} />
      </TableCell>
      <TableCell align="right">
        <Button color="error" onClick={() => setConfirm(true)}>
          {t.remove}
        </Button>
        <Confirm
          open={confirm}
          title={t.removeToken(token.name)}
          text={t.removeTokenText}
          action={t.remove}
          busy={remove.isPending}
          onClose={() => setConfirm(false)}
          onConfirm={() =>
            remove.mutate(token.id, { onError: toast.failed, onSettled: () => setConfirm(false) })
          }
        />
      </TableCell>
    </TableRow>
  );
}

function MakeToken(): React.ReactElement {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Schemas["Role"]>("viewer");
  const [days, setDays] = useState("90");
  const make = useMakeToken();
  return (
    <Box
      component="form"
      sx={{ display: "grid", gap: 2 }}
      onSubmit={(event: React.SyntheticEvent) => {
        event.preventDefault();
        make.mutate({ name, role, days: Number(days) }, { onSuccess: () => setName("") });
      }}
    >
      <Typography variant="body2" color="textSecondary">
        {t.tokenHint}
      </Typography>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5 }}>
        <TextField label={t.name} value={name} onChange={(event) => setName(event.target.value)} required />
        <RoleSelect label={t.role} labelled value={role} onChange={setRole} />
        <TextField
          label={t.days}
          type="number"
          value={days}
          onChange={(event) => setDays(event.target.value)}
          sx={{ width: 150 }}
          slotProps={{ htmlInput: { min: 1, max: 366 } }}
        />
        <Button type="submit" variant="contained" size="medium" loading={make.isPending}>
          {t.make}
        </Button>
      </Box>
      {make.error ? <ErrorState error={make.error} /> : null}
      {make.data ? (
        <Alert severity="success" variant="outlined" sx={{ "& .MuiAlert-message": { flex: 1, minWidth: 0 } }}>
          {t.secret}
          <SqlBlock sql={make.data.secret} label={t.tokens} />
        </Alert>
      ) : null}
    </Box>
  );
}
