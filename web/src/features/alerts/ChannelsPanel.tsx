import AddIcon from "@mui/icons-material/Add";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { channelsQuery, deliveriesQuery, useRemoveChannel, useTestChannel } from "../../api/queries/alerting";
import type { Schemas } from "../../api/types";
import { useDenied } from "../../shared/hooks/use-denied";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { alertingTexts as t, alertTexts } from "../../shared/texts/alerts";
import { Ago } from "../../shared/ui/Ago";
import { Confirm } from "../../shared/ui/Confirm";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { ChannelEditor } from "./ChannelEditor";
import { Deliveries } from "./Deliveries";

type Channel = Schemas["AlertChannel"];

const NEW = "+";

/** Where messages go, and how the last ones fared. */
export function ChannelsPanel(): React.ReactElement {
  const denied = useDenied("admin");
  if (denied !== null) {
    return (
      <Panel>
        <Empty title={t.adminOnly} hint={t.adminHint} />
      </Panel>
    );
  }
  return <Channels />;
}

function Channels(): React.ReactElement {
  const [{ channel }, setState] = useUrlState({ channel: "" });
  const query = useQuery(channelsQuery());
  const deliveries = useQuery(deliveriesQuery());
  const chosen = query.data?.find(({ name }) => name === channel) ?? null;
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Panel
        title={alertTexts.tabs["channels"] ?? ""}
        flush
        aside={
          <Button startIcon={<AddIcon />} onClick={() => setState({ channel: NEW })}>
            {t.newChannel}
          </Button>
        }
      >
        <Loaded query={query}>
          {(channels) => (
            <Box sx={{ overflowX: "auto" }}>
              <Table size="small" aria-label={alertTexts.tabs["channels"]} sx={{ minWidth: 620 }}>
                <TableHead>
                  <TableRow>
                    {[t.channel, t.kindField, t.perMinute, t.lastSent, t.lastError, ""].map((title) => (
                      <TableCell key={title}>{title}</TableCell>
                    ))}
                  </TableRow>
                </TableHead>
                <TableBody>
                  {channels.map((each) => (
                    <Row key={each.name} channel={each} onEdit={() => setState({ channel: each.name })} />
                  ))}
                </TableBody>
              </Table>
            </Box>
          )}
        </Loaded>
      </Panel>
      <Panel title={t.deliveries} flush>
        <Loaded
          query={deliveries}
          isEmpty={(data) => data.length === 0}
          empty={<Empty title={t.noDeliveries} />}
        >
          {(data) => <Deliveries of={data} />}
        </Loaded>
      </Panel>
      {channel === NEW || chosen ? (
        <ChannelEditor key={channel} channel={chosen} onClose={() => setState({ channel: "" })} />
      ) : null}
    </Box>
  );
}

function Row({ channel, onEdit }: { channel: Channel; onEdit: () => void }): React.ReactElement {
  const [confirm, setConfirm] = useState(false);
  const test = useTestChannel();
  const remove = useRemoveChannel();
  const toast = useToast();
  const { name, kind } = channel;
  const fixed = kind === "dashboard";
  return (
    <TableRow hover>
      <TableCell sx={{ fontWeight: 580 }}>
        {name}
        {channel.enabled ? null : ` (${t.disabled})`}
      </TableCell>
      <TableCell>{kind}</TableCell>
      <TableCell>{fixed ? "–" : channel.per_minute}</TableCell>
      <TableCell sx={{ whiteSpace: "nowrap" }}>
        {channel.last_sent_at ? <Ago at={channel.last_sent_at} /> : "–"}
      </TableCell>
      <TableCell sx={{ overflowWrap: "anywhere", color: channel.last_error ? "error.main" : "inherit" }}>
        {channel.last_error ?? "–"}
      </TableCell>
      <TableCell align="right" sx={{ whiteSpace: "nowrap" }}>
        <Button
          loading={test.isPending}
          onClick={() =>
            test.mutate(name, {
              onSuccess: ({ response }) => toast.done(t.tested(response)),
              onError: toast.failed,
            })
          }
        >
          {t.test}
        </Button>
        {fixed ? null : (
          <>
            <Button onClick={onEdit}>{t.edit}</Button>
            <Button color="error" onClick={() => setConfirm(true)}>
              {t.remove}
            </Button>
          </>
        )}
        <Confirm
          open={confirm}
          title={t.removeChannel(name)}
          text={t.removeChannelText}
          action={t.remove}
          busy={remove.isPending}
          onClose={() => setConfirm(false)}
          onConfirm={() => remove.mutate(name, { onError: toast.failed, onSettled: () => setConfirm(false) })}
        />
      </TableCell>
    </TableRow>
  );
}
