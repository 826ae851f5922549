import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router";
import Link from "@mui/material/Link";
import type { Schemas } from "../../api/types";
import { alertPath } from "../../shared/lib/paths";
import { alertPageTexts as t, alertTexts } from "../../shared/texts/alerts";
import { Instant } from "../../shared/ui/Ago";
import { StateMark } from "../../shared/ui/StateMark";
import { Empty } from "../../shared/ui/States";
import { stateLook, subjectOf } from "../../shared/alerts/looks";

type Event = Schemas["AlertEvent"] & { fingerprint?: string; labels?: Record<string, string> };

/** What has happened, the newest first. */
export function Timeline({ events }: { events: readonly Event[] }): React.ReactElement {
  if (events.length === 0) return <Empty title={t.noTimeline} />;
  return (
    <Box component="ol" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {events.map((event, index) => (
        <Box component="li" key={`${event.at}-${index}`} sx={ROW}>
          <Box sx={{ pt: 0.6 }}>
            <StateMark look={stateLook(event.who === null ? event.after : "person")} />
          </Box>
          <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
            <Typography variant="body2">
              <b>{event.who ?? alertTexts.states[event.after]}</b>
              {`: ${t.reasons[event.reason] ?? event.reason}`}
            </Typography>
            {event.text === "" ? null : (
              <Typography variant="caption" color="textSecondary" component="div">
                {event.text}
              </Typography>
            )}
            {event.fingerprint && event.labels ? (
              <Link component={RouterLink} to={alertPath(event.fingerprint)} variant="caption">
                {subjectOf(event.labels)} · {event.labels["rule"]}
              </Link>
            ) : null}
          </Box>
          <Typography variant="caption" color="textSecondary" sx={{ whiteSpace: "nowrap" }}>
            <Instant at={event.at} />
          </Typography>
        </Box>
      ))}
    </Box>
  );
}

const ROW = {
  display: "grid",
  gridTemplateColumns: "10px minmax(0, 1fr) auto",
  columnGap: 1.5,
  px: 2,
  py: 0.9,
  borderTop: 1,
  borderColor: "divider",
} as const;
