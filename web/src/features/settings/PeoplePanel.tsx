import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChangeUser, useRemoveUser, usersQuery } from "../../api/queries/auth";
import type { Schemas } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { settingsTexts as t } from "../../shared/texts/settings";
import { Ago } from "../../shared/ui/Ago";
import { Confirm } from "../../shared/ui/Confirm";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { AddPerson } from "./AddPerson";
import { RoleSelect } from "./RoleSelect";

/** Who may sign in, and what they may do. */
export function PeoplePanel(): React.ReactElement {
  const query = useQuery(usersQuery());
  const first = query.data?.length === 0;
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Panel title={t.people} flush>
        <Loaded
          query={query}
          isEmpty={(data) => data.length === 0}
          empty={<Empty title={t.noPeople} hint={t.noPeopleHint} />}
        >
          {(people) => <People people={people} />}
        </Loaded>
      </Panel>
      <Panel title={t.addPerson}>
        {first ? (
          <Alert severity="info" variant="outlined" sx={{ mb: 2 }}>
            {t.firstUser}
          </Alert>
        ) : null}
        <AddPerson first={first} />
      </Panel>
    </Box>
  );
}

function People({ people }: { people: readonly Schemas["AppUser"][] }): React.ReactElement {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={t.people}>
        <TableHead>
          <TableRow>
            {[t.userName, t.role, t.signIn, t.lastSeen, ""].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {people.map((person) => (
            <Person key={person.name} person={person} />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function Person({ person }: { person: Schemas["AppUser"] }): React.ReactElement {
  const change = useChangeUser();
  const remove = useRemoveUser();
  const toast = useToast();
  const [confirm, setConfirm] = useState(false);
  return (
    <TableRow>
      <TableCell sx={{ fontWeight: 580, opacity: person.disabled ? 0.6 : 1 }}>
        {person.name}
        {person.disabled ? ` (${t.disabled})` : ""}
      </TableCell>
      <TableCell>
        <RoleSelect
          label={`${t.role}: ${person.name}`}
          value={person.role}
          onChange={(role) => change.mutate({ name: person.name, role }, { onError: toast.failed })}
        />
      </TableCell>
      <TableCell>{person.issuer ?? (person.password ? t.password : "–")}</TableCell>
      <TableCell>
        <Ago at={person.last_seen_at} />
      </TableCell>
      <TableCell align="right">
        <Button
          onClick={() =>
            change.mutate({ name: person.name, disabled: !person.disabled }, { onError: toast.failed })
          }
        >
          {person.disabled ? t.enable : t.disable}
        </Button>
        <Button color="error" onClick={() => setConfirm(true)}>
          {t.remove}
        </Button>
        <Confirm
          open={confirm}
          title={t.removePerson(person.name)}
          text={t.removePersonText}
          action={t.remove}
          busy={remove.isPending}
          onClose={() => setConfirm(false)}
          onConfirm={() =>
            remove.mutate(person.name, { onError: toast.failed, onSettled: () => setConfirm(false) })
          }
        />
      </TableCell>
    </TableRow>
  );
}
