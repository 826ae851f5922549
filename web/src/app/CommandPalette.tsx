import AddIcon from "@mui/icons-material/AddOutlined";
import RestoreFromTrashOutlined from "@mui/icons-material/RestoreFromTrashOutlined";
import TableRowsOutlined from "@mui/icons-material/TableRowsOutlined";
import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { tablesQuery } from "../api/queries/tables";
import { STATUS_LOOKS } from "../shared/lib/status";
import { droppedPath, tablePath } from "../shared/lib/paths";
import { palette } from "../shared/texts/keyboard";
import { Kbd } from "../shared/ui/Kbd";
import { StateMark } from "../shared/ui/StateMark";
import { navItems } from "./nav-items";

interface Command {
  id: string;
  group: string;
  label: string;
  path: string;
  icon: React.ReactNode;
  aside?: React.ReactNode;
}

function useCommands(open: boolean): Command[] {
  const { data } = useQuery({ ...tablesQuery(), enabled: open });
  return useMemo(
    () => [
      ...navItems.map(({ path, label, icon, keys }) => ({
        id: path,
        group: palette.pages,
        label,
        path,
        icon,
        aside: <Kbd>{keys}</Kbd>,
      })),
      {
        id: "new",
        group: palette.actions,
        label: palette.newTable,
        path: "/builder",
        icon: <AddIcon fontSize="small" />,
      },
      {
        id: "restore",
        group: palette.actions,
        label: palette.restore,
        path: droppedPath(),
        icon: <RestoreFromTrashOutlined fontSize="small" />,
      },
      ...(data ?? []).map((table) => ({
        id: table.qualified_name,
        group: palette.tables,
        label: table.qualified_name,
        path: tablePath(table),
        icon: <TableRowsOutlined fontSize="small" />,
        aside: <StateMark look={STATUS_LOOKS[table.status]} />,
      })),
    ],
    [data],
  );
}

/** Ctrl+K: everywhere from anywhere. */
export function CommandPalette({
  open,
  onClose,
}: {
  open: boolean;
  onClose: () => void;
}): React.ReactElement {
  const commands = useCommands(open);
  const navigate = useNavigate();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      fullWidth
      maxWidth="sm"
      aria-label={palette.label}
      sx={{ "& .MuiDialog-container": { alignItems: "flex-start", pt: "12vh" } }}
    >
      <Autocomplete
        options={commands}
        open
        autoHighlight
        disablePortal
        forcePopupIcon={false}
        groupBy={(option) => option.group}
        getOptionKey={(option) => option.id}
        noOptionsText={palette.nothing}
        onChange={(_, command) => {
          if (command === null || typeof command === "string") return;
          onClose();
          void navigate(command.path);
        }}
        onClose={(_, reason) => {
          if (reason === "escape") onClose();
        }}
        slotProps={{
          popper: {
            sx: { position: "static !important", transform: "none !important", width: "100% !important" },
          },
          paper: { sx: { borderRadius: 0, borderTop: 1, borderColor: "divider" } },
          listbox: { sx: { maxHeight: "min(52vh, 420px)" } },
        }}
        renderOption={({ key, ...props }, option) => (
          <Box component="li" key={key} {...props} sx={{ display: "flex", gap: 1.25, fontSize: "0.875rem" }}>
            <Box component="span" sx={{ display: "flex", color: "text.secondary" }}>
              {option.icon}
            </Box>
            <Box component="span" sx={{ flex: 1 }}>
              {option.label}
            </Box>
            {option.aside}
          </Box>
        )}
        renderInput={(params) => (
          <TextField
            {...params}
            autoFocus
            placeholder={palette.placeholder}
            sx={{ p: 1, "& fieldset": { border: 0 } }}
            slotProps={{
              ...params.slotProps,
              htmlInput: { ...params.slotProps.htmlInput, "aria-label": palette.label },
            }}
          />
        )}
      />
      <Box
        sx={{
          px: 2,
          py: 1,
          borderTop: 1,
          borderColor: "divider",
          fontSize: "0.75rem",
          color: "text.secondary",
        }}
      >
        {palette.hint}
      </Box>
    </Dialog>
  );
}
