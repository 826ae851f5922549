import FactCheckOutlined from "@mui/icons-material/FactCheckOutlined";
import MoreVert from "@mui/icons-material/MoreVert";
import PauseIcon from "@mui/icons-material/Pause";
import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import RefreshIcon from "@mui/icons-material/Refresh";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useCancelRefresh } from "../../api/queries/refreshes";
import { useDropTable, useRefreshTable, useSetSuspended } from "../../api/queries/tables";
import type { TableDetail } from "../../api/types";
import { useRestore } from "../../shared/hooks/use-restore";
import { useToast } from "../../shared/hooks/use-toast";
import { builderPath, graphPath } from "../../shared/lib/paths";
import { common } from "../../shared/texts/common";
import { tablesTexts, tableTexts as t } from "../../shared/texts/table";
import { Confirm } from "../../shared/ui/Confirm";
import { useVerify } from "./use-verify";

/** What can be done with a table. */
export function TableActions({ table }: { table: TableDetail }): React.ReactElement {
  const refresh = useRefreshTable();
  const verify = useVerify(table);
  const cancel = useCancelRefresh();
  const toast = useToast();
  const busy = table.running !== null || refresh.isPending;
  return (
    <>
      <Tooltip title={t.verifyHint}>
        <span>
          <Button
            variant="outlined"
            startIcon={<FactCheckOutlined />}
            loading={verify.isPending}
            loadingPosition="start"
            onClick={verify.run}
          >
            {t.verify}
          </Button>
        </span>
      </Tooltip>
      <SuspendButton table={table} />
      {table.running ? (
        <Button
          variant="outlined"
          color="error"
          loading={cancel.isPending}
          onClick={() => cancel.mutate(table, { onError: toast.failed })}
        >
          {common.cancel}
        </Button>
      ) : null}
      <Button
        variant="contained"
        startIcon={<RefreshIcon />}
        loading={busy}
        loadingPosition="start"
        onClick={() => refresh.mutate(table, { onError: toast.failed })}
      >
        {t.refresh}
      </Button>
      <MoreMenu table={table} />
    </>
  );
}

function SuspendButton({ table }: { table: TableDetail }): React.ReactElement {
  const suspend = useSetSuspended();
  const toast = useToast();
  const runs = table.scheduling_state === "RUNNING";
  const set = (suspended: boolean): void =>
    suspend.mutate(
      { tables: [table], suspended },
      {
        onSuccess: () =>
          toast.undoable(
            suspended ? tablesTexts.suspended(table.name) : tablesTexts.resumed(table.name),
            () => suspend.mutateAsync({ tables: [table], suspended: !suspended }),
          ),
        onError: toast.failed,
      },
    );
  return (
    <Button
      variant="outlined"
      startIcon={runs ? <PauseIcon /> : <PlayArrowIcon />}
      loading={suspend.isPending}
      loadingPosition="start"
      onClick={() => set(runs)}
    >
      {runs ? t.suspend : t.resume}
    </Button>
  );
}

function MoreMenu({ table }: { table: TableDetail }): React.ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [confirm, setConfirm] = useState(false);
  const close = (): void => setAnchor(null);
  return (
    <>
      <IconButton
        aria-label={t.more}
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <MoreVert fontSize="small" />
      </IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close}>
        <MenuItem component={Link} to={builderPath(table)} onClick={close}>
          {t.edit}
        </MenuItem>
        <MenuItem component={Link} to={graphPath(`t${table.id}`, "both")} onClick={close}>
          {t.showInGraph}
        </MenuItem>
        <MenuItem
          sx={{ color: "error.main" }}
          onClick={() => {
            close();
            setConfirm(true);
          }}
        >
          {t.drop}
        </MenuItem>
      </Menu>
      <DropDialog table={table} open={confirm} onClose={() => setConfirm(false)} />
    </>
  );
}

interface DropDialogProps {
  table: TableDetail;
  open: boolean;
  onClose: () => void;
}

function DropDialog({ table, open, onClose }: DropDialogProps): React.ReactElement {
  const drop = useDropTable();
  const { restore } = useRestore();
  const toast = useToast();
  const navigate = useNavigate();

  async function dropIt(): Promise<void> {
    await drop.mutateAsync(table);
    const message = t.dropped(table.qualified_name);
    if (table.retention_days > 0) toast.undoable(message, () => restore(table));
    else toast.done(message);
    void navigate("/tables");
  }

  return (
    <Confirm
      open={open}
      title={t.dropTitle(table.qualified_name)}
      text={t.dropText(table.retention_days)}
      action={t.drop}
      busy={drop.isPending}
      onClose={onClose}
      onConfirm={() => void dropIt().catch(toast.failed)}
    />
  );
}
