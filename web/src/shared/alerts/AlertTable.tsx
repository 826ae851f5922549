import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import Link from "@mui/material/Link";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router";
import type { Alert } from "../../api/queries/alerts";
import { alertPath } from "../lib/paths";
import { alertTexts as t } from "../texts/alerts";
import { Ago } from "../ui/Ago";
import { marksOf, subjectOf } from "./looks";
import { Severity } from "./Severity";

interface AlertTableProps {
  label: string;
  alerts: readonly Alert[];
  /** Without it nothing can be chosen. */
  onChoose?: (fingerprints: readonly string[], chosen: boolean) => void;
  chosen?: ReadonlySet<string>;
}

/** Alerts, one a row. */
export function AlertTable({ label, alerts, onChoose, chosen }: AlertTableProps): React.ReactElement {
  const all = alerts.every(({ fingerprint }) => chosen?.has(fingerprint));
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={label} sx={{ minWidth: { sm: 620 } }}>
        <TableHead>
          <TableRow>
            {onChoose ? (
              <TableCell padding="checkbox">
                <Checkbox
                  size="small"
                  checked={all}
                  slotProps={{ input: { "aria-label": t.selectAll } }}
                  onChange={(_, on) =>
                    onChoose(
                      alerts.map(({ fingerprint }) => fingerprint),
                      on,
                    )
                  }
                />
              </TableCell>
            ) : null}
            <TableCell sx={WIDE}>{t.severity}</TableCell>
            <TableCell>{t.alert}</TableCell>
            <TableCell sx={WIDE}>{t.what}</TableCell>
            <TableCell>{t.state}</TableCell>
            <TableCell sx={WIDE}>{t.since}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {alerts.map((alert) => (
            <Row
              key={alert.fingerprint}
              alert={alert}
              chosen={chosen?.has(alert.fingerprint) ?? false}
              {...(onChoose ? { onChoose } : {})}
            />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

interface RowProps {
  alert: Alert;
  chosen: boolean;
  onChoose?: (fingerprints: readonly string[], chosen: boolean) => void;
}

function Row({ alert, chosen, onChoose }: RowProps): React.ReactElement {
  const subject = subjectOf(alert.labels);
  const marks = marksOf(alert);
  return (
    <TableRow hover selected={chosen}>
      {onChoose ? (
        <TableCell padding="checkbox">
          <Checkbox
            size="small"
            checked={chosen}
            slotProps={{ input: { "aria-label": t.select(`${alert.labels["rule"] ?? ""} ${subject}`) } }}
            onChange={(_, on) => onChoose([alert.fingerprint], on)}
          />
        </TableCell>
      ) : null}
      <TableCell sx={WIDE}>
        <Severity of={alert.labels["severity"]} />
      </TableCell>
      <TableCell sx={{ pl: alert.inhibited_by ? 4 : 2, overflowWrap: "anywhere" }}>
        <Link component={RouterLink} to={alertPath(alert.fingerprint)} sx={{ fontWeight: 580 }}>
          {subject}
        </Link>
        <Typography variant="caption" color="textSecondary" component="div">
          {alert.labels["rule"]}
        </Typography>
        <Box sx={NARROW}>
          <Severity of={alert.labels["severity"]} />
          <div>{[alert.text, ...marks].join(" · ")}</div>
        </Box>
      </TableCell>
      <TableCell sx={{ ...WIDE, overflowWrap: "anywhere" }}>
        {alert.text}
        {marks.length > 0 ? (
          <Typography variant="caption" color="textSecondary" component="div">
            {marks.join(" · ")}
          </Typography>
        ) : null}
      </TableCell>
      <TableCell>{t.states[alert.state]}</TableCell>
      <TableCell sx={{ ...WIDE, whiteSpace: "nowrap" }}>
        <Ago at={alert.since} />
      </TableCell>
    </TableRow>
  );
}

const WIDE = { display: { xs: "none", sm: "table-cell" } } as const;
/** Where there is no room for columns, a row says all below its name. */
const NARROW = { display: { xs: "block", sm: "none" }, fontSize: "0.75rem", mt: 0.5 } as const;
