import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { Schemas } from "../../api/types";
import { words } from "../lib/status";
import { tableTexts as t } from "../texts/table";
import { Instant } from "./Ago";

interface AuditTableProps {
  entries: readonly Schemas["AuditEntry"][];
  label: string;
  /** Whether the entries are of several objects. */
  named?: boolean;
}

/** Who did what, the newest first. */
export function AuditTable({ entries, label, named = false }: AuditTableProps): React.ReactElement {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            {[t.when, t.who, t.action, ...(named ? [t.table] : []), t.detail].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {entries.map((entry) => (
            <TableRow key={entry.id}>
              <TableCell sx={{ whiteSpace: "nowrap" }}>
                <Instant at={entry.happened_at} />
              </TableCell>
              <TableCell>{entry.who}</TableCell>
              <TableCell>{words(entry.action)}</TableCell>
              {named ? <TableCell>{entry.object}</TableCell> : null}
              <TableCell sx={{ overflowWrap: "anywhere", color: "text.secondary" }}>
                {details(entry.detail)}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

function details(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${words(name)}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
}
