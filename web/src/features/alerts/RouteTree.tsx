import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { RouteNode } from "../../api/queries/alerting";
import { alertingTexts as t } from "../../shared/texts/alerts";

/** The tree as nested lists: what each route takes, and where it goes. */
export function RouteTree({ root }: { root: RouteNode }): React.ReactElement {
  return (
    <Box component="ul" sx={LIST}>
      <Node of={root} />
    </Box>
  );
}

function Node({ of }: { of: RouteNode }): React.ReactElement {
  const { matchers = [], routes = [], escalation = [], mute_timings = [] } = of;
  const asides = [
    of.group_by ? t.grouped(of.group_by.join(", ")) : "",
    of.continue ? t.goesOn : "",
    mute_timings.length > 0 ? t.muted(mute_timings.join(", ")) : "",
    escalation.length > 0 ? t.escalates(escalation.map(({ channel }) => channel).join(" › ")) : "",
  ].filter((aside) => aside !== "");
  return (
    <li>
      <Box sx={NODE}>
        <Typography variant="body2">
          <b>{of.name ?? t.route}</b> {matchers.length > 0 ? matchers.join(", ") : t.everything}
          {of.channel ? <> {t.goesTo(of.channel)}</> : null}
        </Typography>
        {asides.length > 0 ? (
          <Typography variant="caption" color="textSecondary" component="div">
            {asides.join(" · ")}
          </Typography>
        ) : null}
      </Box>
      {routes.length > 0 ? (
        <Box component="ul" sx={[LIST, NESTED]}>
          {routes.map((each, index) => (
            <Node key={`${each.name ?? ""}-${index}`} of={each} />
          ))}
        </Box>
      ) : null}
    </li>
  );
}

const LIST = { listStyle: "none", m: 0, p: 0, display: "grid", gap: 1 } as const;
const NESTED = { ml: 1.5, pl: 2, mt: 1, borderLeft: 1, borderColor: "divider" } as const;
const NODE = {
  border: 1,
  borderColor: "divider",
  borderRadius: 1,
  px: 1.5,
  py: 0.75,
  overflowWrap: "anywhere",
} as const;
