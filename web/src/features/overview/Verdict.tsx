import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";
import { Link } from "react-router";
import type { Schemas } from "../../api/types";
import { useLiveState } from "../../shared/hooks/use-live-state";
import { splitName, tablePath } from "../../shared/lib/paths";
import { cssColor, STATUS_LOOKS } from "../../shared/lib/status";
import { overviewTexts as t } from "../../shared/texts/overview";
import { StateMark } from "../../shared/ui/StateMark";

/** One sentence that answers the question, and the one object to look at first. */
export function Verdict({ overview }: { overview: Schemas["Overview"] }): React.ReactElement {
  const { fresh, verdict, blame } = overview;
  const failing = (overview.counts.FAILING ?? 0) > 0;
  const offline = useLiveState() === "offline";
  const state = fresh ? STATUS_LOOKS.FRESH : failing ? STATUS_LOOKS.FAILING : STATUS_LOOKS.LATE;
  const look = offline ? STATUS_LOOKS.NOT_INITIALIZED : state;
  const color = cssColor(look.color);
  return (
    <Card
      role="status"
      sx={{
        borderLeft: `4px solid ${color}`,
        px: 2,
        py: 1.5,
        bgcolor: `color-mix(in srgb, ${color} 5%, ${cssColor("background.paper")})`,
      }}
    >
      {offline ? (
        <Typography variant="body2" color="textSecondary" sx={{ mb: 0.5 }}>
          {t.asOf(new Date(overview.at).toLocaleTimeString())}
        </Typography>
      ) : null}
      <Box sx={{ display: "flex", alignItems: "center", gap: 1.25 }}>
        <StateMark look={look} size={14} />
        <Typography sx={{ fontWeight: 620, fontSize: "1.0625rem", letterSpacing: "-0.01em" }}>
          {verdict}
        </Typography>
      </Box>
      {blame ? <BlameText blame={blame} /> : null}
    </Card>
  );
}

function BlameText({ blame }: { blame: Schemas["Blame"] }): React.ReactElement {
  const named = blame.schema_name && blame.name ? { schema_name: blame.schema_name, name: blame.name } : null;
  return (
    <Box sx={{ mt: 1, pl: 3.1, display: "grid", gap: 0.5 }}>
      <Typography variant="overline" color="textSecondary">
        {t.lookHere}
      </Typography>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "baseline" }}>
        {named ? (
          blame.kind === "DYNAMIC_TABLE" ? (
            <Typography
              component={Link}
              to={tablePath(named)}
              sx={{ fontWeight: 600, color: "primary.main" }}
            >
              {named.schema_name}.{named.name}
            </Typography>
          ) : (
            <Typography sx={{ fontWeight: 600 }}>
              {named.schema_name}.{named.name}
            </Typography>
          )
        ) : null}
        <Typography variant="body2">{blame.message}</Typography>
      </Box>
      {blame.hint ? (
        <Typography variant="body2" color="textSecondary">
          {blame.hint}
        </Typography>
      ) : null}
      {blame.affected.length > 1 ? (
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.75, alignItems: "center", mt: 0.5 }}>
          <Typography variant="caption" color="textSecondary">
            {t.affected}:
          </Typography>
          {blame.affected.map((name) => (
            <Chip
              key={name}
              label={name}
              component={Link}
              to={tablePath(splitName(name))}
              clickable
              variant="outlined"
            />
          ))}
        </Box>
      ) : null}
    </Box>
  );
}
