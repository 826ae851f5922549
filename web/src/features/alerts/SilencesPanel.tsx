import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { hitQuery, silencesQuery, useAddSilence, useExpireSilence } from "../../api/queries/alerting";
import { useDebounced } from "../../shared/hooks/use-debounced";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { alertingTexts as t, alertPageTexts, alertTexts } from "../../shared/texts/alerts";
import { Instant } from "../../shared/ui/Ago";
import { Panel } from "../../shared/ui/Panel";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Select } from "../../shared/ui/Select";
import { Empty, ErrorState, Loaded } from "../../shared/ui/States";

/** What is silenced, and silencing. */
export function SilencesPanel(): React.ReactElement {
  const query = useQuery(silencesQuery());
  const expire = useExpireSilence();
  const toast = useToast();
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Panel title={t.newSilence}>
        <AddSilence />
      </Panel>
      <Panel title={alertTexts.tabs["silences"] ?? ""} flush>
        <Loaded
          query={query}
          isEmpty={(data) => data.length === 0}
          empty={<Empty title={t.noSilences} hint={t.noSilencesHint} />}
        >
          {(silences) => (
            <Box sx={{ overflowX: "auto" }}>
              <Table size="small" aria-label={alertTexts.tabs["silences"]}>
                <TableHead>
                  <TableRow>
                    {[t.matchers, t.reason, t.author, t.begins, t.ends, ""].map((title) => (
                      <TableCell key={title}>{title}</TableCell>
                    ))}
                  </TableRow>
                </TableHead>
                <TableBody>
                  {silences.map((silence) => (
                    <TableRow key={silence.id}>
                      <TableCell sx={{ overflowWrap: "anywhere" }}>{silence.matchers.join(", ")}</TableCell>
                      <TableCell sx={{ overflowWrap: "anywhere" }}>{silence.reason}</TableCell>
                      <TableCell>{silence.author}</TableCell>
                      <TableCell>
                        <Instant at={silence.starts_at} />
                      </TableCell>
                      <TableCell>
                        <Instant at={silence.ends_at} />
                      </TableCell>
                      <TableCell align="right">
                        <RoleButton
                          needs="operator"
                          disabled={expire.isPending}
                          onClick={() =>
                            expire.mutate(silence.id, {
                              onSuccess: () => toast.done(t.expired),
                              onError: toast.failed,
                            })
                          }
                        >
                          {t.expire}
                        </RoleButton>
                      </TableCell>
                    </TableRow>
                  ))}
                </TableBody>
              </Table>
            </Box>
          )}
        </Loaded>
      </Panel>
    </Box>
  );
}

function AddSilence(): React.ReactElement {
  const [{ matchers }, setState] = useUrlState({ matchers: "" });
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState("60");
  const add = useAddSilence();
  const toast = useToast();
  const lines = matchers
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const hits = useQuery(hitQuery(useDebounced(lines.join("\n"), 400).split("\n").filter(Boolean)));
  return (
    <Box
      component="form"
      sx={{ display: "grid", gap: 2 }}
      onSubmit={(event: React.SyntheticEvent) => {
        event.preventDefault();
        const ends_at = new Date(Date.now() + Number(minutes) * 60_000).toISOString();
        add.mutate(
          { matchers: lines, reason, ends_at },
          {
            onSuccess: () => {
              toast.done(t.silenced);
              setState({ matchers: "" });
              setReason("");
            },
          },
        );
      }}
    >
      <TextField
        label={t.matchers}
        value={matchers}
        required
        multiline
        minRows={2}
        helperText={t.matchersHelp}
        onChange={(event) => setState({ matchers: event.target.value })}
      />
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "center" }}>
        <TextField
          label={t.reason}
          value={reason}
          required
          sx={{ flex: 1, minWidth: 200 }}
          onChange={(event) => setReason(event.target.value)}
        />
        <Select label={t.silenceFor} value={minutes} options={alertPageTexts.spans} onChange={setMinutes} />
        <RoleButton needs="operator" type="submit" variant="contained" loading={add.isPending}>
          {t.addSilence}
        </RoleButton>
      </Box>
      {hits.data && lines.length > 0 ? (
        <Typography variant="body2" role="status">
          {t.hits(hits.data.length)}
        </Typography>
      ) : null}
      {hits.error ? <ErrorState error={hits.error} /> : null}
      {add.error ? <ErrorState error={add.error} /> : null}
    </Box>
  );
}
