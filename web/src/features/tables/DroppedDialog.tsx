import CloseIcon from "@mui/icons-material/Close";
import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import IconButton from "@mui/material/IconButton";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { droppedQuery } from "../../api/queries/tables";
import type { DroppedTable } from "../../api/types";
import { useRestore } from "../../shared/hooks/use-restore";
import { useToast } from "../../shared/hooks/use-toast";
import { useWide } from "../../shared/hooks/use-wide";
import { common } from "../../shared/texts/common";
import { tablesTexts as t } from "../../shared/texts/table";
import { Ago, Instant } from "../../shared/ui/Ago";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Empty, Loaded } from "../../shared/ui/States";

interface DroppedDialogProps {
  open: boolean;
  onClose: () => void;
}

/** The dropped tables that can be brought back. */
export function DroppedDialog({ open, onClose }: DroppedDialogProps): React.ReactElement {
  const query = useQuery({ ...droppedQuery(), enabled: open });
  const narrow = !useWide(600);
  const id = useId();
  return (
    <Dialog open={open} onClose={onClose} maxWidth="sm" fullWidth fullScreen={narrow} aria-labelledby={id}>
      <Box sx={{ display: "flex", alignItems: "center", pr: 1.5 }}>
        <DialogTitle id={id} variant="h2" component="h2" sx={{ flex: 1 }}>
          {t.droppedTitle}
        </DialogTitle>
        <IconButton aria-label={common.close} onClick={onClose}>
          <CloseIcon fontSize="small" />
        </IconButton>
      </Box>
      <DialogContent sx={{ pt: 0 }}>
        <Loaded
          query={query}
          lines={3}
          isEmpty={(tables) => tables.length === 0}
          empty={<Empty title={t.noDropped} hint={t.noDroppedHint} />}
        >
          {(tables) => (
            <>
              <Typography variant="body2" color="textSecondary">
                {t.droppedHint}
              </Typography>
              <Box component="ul" aria-labelledby={id} sx={{ listStyle: "none", m: 0, p: 0, mt: 1 }}>
                {tables.map((table) => (
                  <DroppedItem key={table.id} table={table} />
                ))}
              </Box>
            </>
          )}
        </Loaded>
      </DialogContent>
    </Dialog>
  );
}

function DroppedItem({ table }: { table: DroppedTable }): React.ReactElement {
  const { restore, isPending } = useRestore();
  const toast = useToast();
  return (
    <Box component="li" sx={ITEM}>
      <Box sx={{ flex: 1, minWidth: 0, overflowWrap: "anywhere" }}>
        <Typography variant="body2">
          <Box component="span" sx={{ color: "text.secondary" }}>
            {table.schema_name}.
          </Box>
          <Box component="span" sx={{ fontWeight: 580 }}>
            {table.name}
          </Box>
        </Typography>
        <Typography variant="caption" color="textSecondary" component="div">
          {t.droppedAt} <Ago at={table.dropped_at} />
          {table.dropped_by ? ` ${t.droppedBy(table.dropped_by)}` : ""}
          <Box component="span" sx={{ display: { xs: "none", sm: "inline" } }}>
            {" · "}
          </Box>
          <Box component="span" sx={{ display: { xs: "block", sm: "inline" } }}>
            {t.keptUntil} <Instant at={table.kept_until} />
          </Box>
        </Typography>
        {table.obstacle ? (
          <Typography variant="caption" component="div" sx={{ color: "warning.main" }}>
            {t.obstacles[table.obstacle]}
          </Typography>
        ) : null}
      </Box>
      <RoleButton
        needs="editor"
        variant="outlined"
        aria-label={t.restoreOne(table.qualified_name)}
        disabled={table.obstacle !== null}
        loading={isPending}
        onClick={() => void restore(table).catch(toast.failed)}
      >
        {t.restore}
      </RoleButton>
    </Box>
  );
}

const ITEM = {
  display: "flex",
  gap: 2,
  alignItems: "center",
  py: 1.25,
  borderTop: 1,
  borderColor: "divider",
  "&:first-of-type": { borderTop: 0 },
} as const;
