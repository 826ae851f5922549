import Box from "@mui/material/Box";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { incidentsQuery } from "../../api/queries/alerts";
import { incidentPath } from "../../shared/lib/paths";
import { alertPageTexts, alertTexts as t, incidentTitle } from "../../shared/texts/alerts";
import { Ago } from "../../shared/ui/Ago";
import { Panel } from "../../shared/ui/Panel";
import { Severity } from "../../shared/alerts/Severity";

const MOST = 6;

/** The open incidents, one line each; nothing where nothing is wrong. */
export function OpenIncidents(): React.ReactElement | null {
  const { data = [] } = useQuery(incidentsQuery());
  if (data.length === 0) return null;
  return (
    <Panel title={t.tabs["incidents"] ?? ""} flush>
      <List disablePadding>
        {data.slice(0, MOST).map((incident) => (
          <ListItem key={incident.id} disablePadding sx={{ borderTop: 1, borderColor: "divider" }}>
            <ListItemButton component={Link} to={incidentPath(incident.id)} sx={ROW}>
              <Box sx={{ width: 92, flex: "none", fontSize: "0.8125rem" }}>
                <Severity of={incident.labels["severity"]} />
              </Box>
              <Typography variant="body2" sx={{ flex: 1, minWidth: 180, overflowWrap: "anywhere" }}>
                {incidentTitle(incident)}
              </Typography>
              <Typography variant="caption" color="textSecondary">
                {incident.acknowledged_by ?? alertPageTexts.nobody} · <Ago at={incident.opened_at} />
              </Typography>
            </ListItemButton>
          </ListItem>
        ))}
      </List>
    </Panel>
  );
}

const ROW = {
  display: "flex",
  flexWrap: "wrap",
  gap: 1.5,
  alignItems: "center",
  borderRadius: 0,
  px: 2,
  py: 0.9,
} as const;
