import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { meQuery } from "../../../api/queries/auth";
import { previewQuery } from "../../../api/queries/tables";
import { useUrlState } from "../../../shared/hooks/use-url-state";
import { milliseconds, plural } from "../../../shared/lib/format";
import { tableTexts as t } from "../../../shared/texts/table";
import { Panel } from "../../../shared/ui/Panel";
import { ResultGrid } from "../../../shared/ui/ResultGrid";
import { Loaded } from "../../../shared/ui/States";
import type { TabProps } from "../TablePage";

/** The first rows, in the order that was asked for. */
export function DataTab({ table }: TabProps): React.ReactElement {
  const [{ order }, setState] = useUrlState({ order: "" });
  const descending = order.startsWith("-");
  const column = descending ? order.slice(1) : order;
  const query = useQuery(previewQuery(table, column ? { order_by: column, descending } : {}));
  const refused = useQuery(meQuery()).data?.console_refused ?? null;
  const sql = `SELECT * FROM ${quoted(table.schema_name)}.${quoted(table.name)} LIMIT 100`;
  return (
    <Panel
      title={t.preview}
      flush
      sx={{ flex: 1, minHeight: 360 }}
      aside={
        <>
          {query.data ? (
            <Typography variant="caption" color="textSecondary" sx={{ mr: 1 }}>
              {plural(query.data.rows.length, "row")}
              {query.data.truncated ? " of more" : ""}, {milliseconds(query.data.milliseconds)}
            </Typography>
          ) : null}
          <Button
            component={Link}
            to={`/console?sql=${encodeURIComponent(sql)}`}
            disabled={refused !== null}
            title={refused ?? undefined}
          >
            {t.sample}
          </Button>
        </>
      }
    >
      <Box sx={{ height: 1 }}>
        <Loaded query={query} lines={8}>
          {({ columns, rows }) => (
            <ResultGrid
              label={t.preview}
              columns={columns}
              rows={rows}
              sort={order}
              onSort={(next) => setState({ order: next })}
            />
          )}
        </Loaded>
      </Box>
    </Panel>
  );
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
