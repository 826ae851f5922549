import Box from "@mui/material/Box";
import type { Status } from "../../api/types";
import { refreshLook, STATUS_LOOKS, type Look } from "../lib/status";
import { StateMark } from "./StateMark";

/** A look with its word. */
export function Labelled({ look }: { look: Look }): React.ReactElement {
  return (
    <Box
      component="span"
      sx={{ display: "inline-flex", alignItems: "center", gap: 0.75, fontWeight: 520, whiteSpace: "nowrap" }}
    >
      <StateMark look={look} />
      {look.label}
    </Box>
  );
}

/** The status of a table: shape, colour and word. */
export function StatusLabel({ status }: { status: Status }): React.ReactElement {
  return <Labelled look={STATUS_LOOKS[status]} />;
}

/** The state of a refresh: shape, colour and word. */
export function RefreshState({ state }: { state: string }): React.ReactElement {
  return <Labelled look={refreshLook(state)} />;
}
