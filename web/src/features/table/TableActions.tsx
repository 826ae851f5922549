import FactCheckOutlined from "@mui/icons-material/FactCheckOutlined";
import MoreVert from "@mui/icons-material/MoreVert";
import PauseIcon from "@mui/icons-material/Pause";
import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import RefreshIcon from "@mui/icons-material/Refresh";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Typography from "@mui/material/Typography";
import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useCancelRefresh } from "../../api/queries/refreshes";
import { useDropTable, useRefreshTable, useSetSuspended } from "../../api/queries/tables";
import type { TableDetail } from "../../api/types";
import { useDenied } from "../../shared/hooks/use-denied";
import { useRestore } from "../../shared/hooks/use-restore";
import { useToast } from "../../shared/hooks/use-toast";
import { builderPath, graphPath } from "../../shared/lib/paths";
import { common } from "../../shared/texts/common";
import { tablesTexts, tableTexts as t } from "../../shared/texts/table";
import { Confirm } from "../../shared/ui/Confirm";
import { RoleButton } from "../../shared/ui/RoleButton";
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
      <RoleButton
        needs="operator"
        hint={t.verifyHint}
        variant="outlined"
        startIcon={<FactCheckOutlined />}
        loading={verify.isPending}
        loadingPosition="start"
        onClick={verify.run}
      >
        {t.verify}
      </RoleButton>
      <SuspendButton table={table} />
      {table.running ? (
        <RoleButton
          needs="operator"
          variant="outlined"
          color="error"
          loading={cancel.isPending}
          onClick={() => cancel.mutate(table, { onError: toast.failed })}
        >
          {common.cancel}
        </RoleButton>
      ) : null}
      <RoleButton
        needs="operator"
        variant="contained"
        startIcon={<RefreshIcon />}
        loading={busy}
        loadingPosition="start"
        onClick={() => refresh.mutate(table, { onError: toast.failed })}
      >
        {t.refresh}
      </RoleButton>
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
    <RoleButton
      needs="operator"
      variant="outlined"
      startIcon={runs ? <PauseIcon /> : <PlayArrowIcon />}
      loading={suspend.isPending}
      loadingPosition="start"
      onClick={() => set(runs)}
    >
      {runs ? t.suspend : t.resume}
    </RoleButton>
  );
}

function MoreMenu({ table }: { table: TableDetail }): React.ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [confirm, setConfirm] = useState(false);
  const denied = useDenied("editor");
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
          disabled={denied !== null}
          sx={{ color: "error.main" }}
          onClick={() => {
            close();
            setConfirm(true);
          }}
        >
          {t.drop}
          {denied === null ? null : ` – ${denied}`}
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
  const [cascade, setCascade] = useState(false);
  const readers = table.downstream;

  async function dropIt(): Promise<void> {
    await drop.mutateAsync({ ...table, cascade });
    const message = t.dropped(table.qualified_name);
    if (table.retention_days > 0) toast.undoable(message, () => restore(table));
    else toast.done(message);
    void navigate("/tables");
  }

  return (
    <Confirm
      open={open}
      title={t.dropTitle(table.qualified_name)}
      text={
        <>
          {readers.length > 0 ? (
            <Box sx={{ mb: 1 }}>
              {t.dropReaders}
              <Box component="ul" sx={{ my: 0.5, pl: 2.5, maxHeight: 160, overflow: "auto" }}>
                {readers.map((name) => (
                  <li key={name}>{name}</li>
                ))}
              </Box>
              <FormControlLabel
                control={
                  <Checkbox
                    size="small"
                    checked={cascade}
                    onChange={(event) => setCascade(event.target.checked)}
                  />
                }
                label={t.dropCascade(readers.length)}
              />
            </Box>
          ) : null}
          <Typography variant="body2">{t.dropText(table.retention_days)}</Typography>
        </>
      }
      disabled={readers.length > 0 && !cascade}
      action={t.drop}
      busy={drop.isPending}
      onClose={onClose}
      onConfirm={() => void dropIt().catch(toast.failed)}
    />
  );
}
