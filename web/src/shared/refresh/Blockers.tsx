import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useEndSession } from "../../api/queries/refreshes";
import type { RunningRefresh, Schemas } from "../../api/types";
import { useNow } from "../hooks/use-now";
import { useToast } from "../hooks/use-toast";
import { duration } from "../lib/format";
import { blockerTexts as t } from "../texts/refresh";
import { Confirm } from "../ui/Confirm";
import { RoleButton } from "../ui/RoleButton";

type Blocker = Schemas["Blocker"];

/** The sessions that hold a refresh up; whoever waits for nobody comes first, being the one to look at. */
export function Blockers({ refresh }: { refresh: RunningRefresh }): React.ReactElement {
  const chain = [...(refresh.blockers ?? [])].sort((a, b) => a.blocked_by.length - b.blocked_by.length);
  return (
    <Box component="ul" aria-label={t.label(refresh.name)} sx={LIST}>
      {chain.map((blocker) => (
        <Session key={blocker.process_id} blocker={blocker} />
      ))}
    </Box>
  );
}

function Session({ blocker }: { blocker: Blocker }): React.ReactElement {
  const now = useNow();
  const [confirm, setConfirm] = useState(false);
  const end = useEndSession();
  const toast = useToast();
  const who = [blocker.user, blocker.application, blocker.address].filter(Boolean).join(", ");
  const since = blocker.since === null ? "" : duration((now - Date.parse(blocker.since)) / 1_000);
  const name = t.session(blocker.process_id, who);

  function endIt(): void {
    end.mutate(blocker.process_id, {
      onSuccess: () => toast.done(t.ended(blocker.process_id)),
      onError: toast.failed,
      onSettled: () => setConfirm(false),
    });
  }

  return (
    <Box component="li" sx={{ display: "flex", gap: 1.5, alignItems: "flex-start", py: 0.5 }}>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography variant="body2">
          <b>{t.heldBy}</b> {name}
          {blocker.state ? `, ${blocker.state}` : ""}
          {since ? ` · ${t.openFor(since)}` : ""}
          {blocker.blocked_by.length > 0 ? ` · ${t.waitsFor(blocker.blocked_by.join(", "))}` : ""}
        </Typography>
        {blocker.query ? (
          <Typography
            component="code"
            variant="caption"
            sx={{ overflowWrap: "anywhere", color: "text.secondary" }}
          >
            {blocker.query}
          </Typography>
        ) : null}
      </Box>
      <RoleButton needs="admin" color="error" onClick={() => setConfirm(true)}>
        {t.end}
      </RoleButton>
      <Confirm
        open={confirm}
        title={t.endTitle(name)}
        text={t.endText}
        action={t.end}
        busy={end.isPending}
        onClose={() => setConfirm(false)}
        onConfirm={endIt}
      />
    </Box>
  );
}

const LIST = {
  listStyle: "none",
  m: 0,
  mt: 1,
  px: 1.5,
  py: 0.5,
  width: 1,
  borderLeft: 3,
  borderColor: "states.late",
  bgcolor: "background.default",
} as const;
