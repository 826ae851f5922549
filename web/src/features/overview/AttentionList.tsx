import Box from "@mui/material/Box";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import Typography from "@mui/material/Typography";
import { Link } from "react-router";
import type { Schemas } from "../../api/types";
import { duration } from "../../shared/lib/format";
import { tablePath } from "../../shared/lib/paths";
import { HEALTH_LOOKS } from "../../shared/lib/status";
import { overviewTexts as t } from "../../shared/texts/overview";
import { Labelled, StatusLabel } from "../../shared/ui/StateLabel";
import { Empty } from "../../shared/ui/States";

type Attention = Schemas["Attention"];

/** The tables that are not as they should be, the worst first. */
export function AttentionList({ items }: { items: readonly Attention[] }): React.ReactElement {
  if (items.length === 0) return <Empty title={t.nothing} hint={t.nothingHint} />;
  return (
    <List disablePadding>
      {items.map((item) => (
        <ListItem key={item.table_id} disablePadding sx={{ borderTop: 1, borderColor: "divider" }}>
          <ListItemButton component={Link} to={tablePath(item)} sx={ROW}>
            <Box sx={{ width: 112, flex: "none", fontSize: "0.8125rem" }}>
              {item.status === "FRESH" ? (
                <Labelled look={HEALTH_LOOKS[item.health]} />
              ) : (
                <StatusLabel status={item.status} />
              )}
            </Box>
            <Box sx={{ flex: 1, minWidth: 180 }}>
              <Typography variant="body2" sx={{ fontWeight: 580, overflowWrap: "anywhere" }}>
                {item.schema_name}.{item.name}
              </Typography>
              <Typography variant="caption" color="textSecondary" component="div">
                {item.message}
                {item.root_cause ? ` — ${t.blamedOn} ${item.root_cause}` : ""}
              </Typography>
            </Box>
            <Typography variant="body2" sx={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
              {duration(item.lag_seconds)}
              {item.target_lag_seconds === null ? "" : ` / ${duration(item.target_lag_seconds)}`}
            </Typography>
          </ListItemButton>
        </ListItem>
      ))}
    </List>
  );
}

const ROW = {
  display: "flex",
  flexWrap: "wrap",
  gap: 1.5,
  alignItems: "center",
  borderRadius: 0,
  px: 2,
  py: 1,
} as const;
