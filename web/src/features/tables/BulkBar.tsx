import PauseIcon from "@mui/icons-material/Pause";
import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import RefreshIcon from "@mui/icons-material/Refresh";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import Typography from "@mui/material/Typography";
import { useRefreshTables, useSetSuspended } from "../../api/queries/tables";
import type { DynamicTable } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { plural } from "../../shared/lib/format";
import { common } from "../../shared/texts/common";
import { tablesTexts as t } from "../../shared/texts/table";
import { RoleButton } from "../../shared/ui/RoleButton";

/** What can be done with the chosen tables. */
export function BulkBar({
  tables,
  onDone,
}: {
  tables: readonly DynamicTable[];
  onDone: () => void;
}): React.ReactElement {
  const refresh = useRefreshTables();
  const suspend = useSetSuspended();
  const toast = useToast();
  const what = plural(tables.length, "table");

  function setSuspended(suspended: boolean): void {
    // Undo touches only what this changed.
    const changed = tables.filter((table) => (table.scheduling_state !== "RUNNING") !== suspended);
    suspend.mutate(
      { tables: changed, suspended },
      {
        onSuccess: () => {
          toast.undoable(suspended ? t.suspended(what) : t.resumed(what), () =>
            suspend.mutateAsync({ tables: changed, suspended: !suspended }),
          );
          onDone();
        },
        onError: toast.failed,
      },
    );
  }

  function refreshAll(): void {
    refresh.mutate(tables, {
      onSuccess: () => {
        toast.done(t.refreshStarted(what));
        onDone();
      },
      onError: toast.failed,
    });
  }

  const busy = refresh.isPending || suspend.isPending;
  return (
    <Card role="toolbar" aria-label={t.selected(tables.length)} sx={BAR}>
      <Typography variant="body2" sx={{ fontWeight: 580, mr: 1 }}>
        {t.selected(tables.length)}
      </Typography>
      <RoleButton needs="operator" startIcon={<RefreshIcon />} onClick={refreshAll} disabled={busy}>
        {t.refresh}
      </RoleButton>
      <RoleButton
        needs="operator"
        startIcon={<PauseIcon />}
        onClick={() => setSuspended(true)}
        disabled={busy}
      >
        {t.suspend}
      </RoleButton>
      <RoleButton
        needs="operator"
        startIcon={<PlayArrowIcon />}
        onClick={() => setSuspended(false)}
        disabled={busy}
      >
        {t.resume}
      </RoleButton>
      <Box sx={{ flex: 1 }} />
      <Button color="inherit" onClick={onDone}>
        {common.cancel}
      </Button>
    </Card>
  );
}

const BAR = { display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center", px: 2, py: 0.75 } as const;
