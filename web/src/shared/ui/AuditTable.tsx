import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { Schemas } from "../../api/types";
import { sentence } from "../lib/activity";
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
            {[t.when, ...(named ? [t.table] : []), t.whatHappened].map((title) => (
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
              {named ? <TableCell>{entry.object}</TableCell> : null}
              <TableCell sx={{ overflowWrap: "anywhere" }}>
                <b>{entry.who}</b>
                {entry.acted_as === entry.who ? "" : ` (${t.actedAs(entry.acted_as)})`} {sentence(entry)}
                {entry.statement ? <Statement text={entry.statement} /> : null}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

/** The statement as it was given; a long one is opened by whoever wants to read it. */
function Statement({ text }: { text: string }): React.ReactElement {
  const long = text.length > 120 || text.includes("\n");
  const code = (
    <Box component="code" sx={{ color: "text.secondary", whiteSpace: "pre-wrap", display: "block" }}>
      {text}
    </Box>
  );
  if (!long) return code;
  return (
    <Box component="details" sx={{ color: "text.secondary" }}>
      <summary>{t.statement}</summary>
      {code}
    </Box>
  );
}
