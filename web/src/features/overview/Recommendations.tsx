import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { recommendationsQuery } from "../../api/queries/metrics";
import type { Schemas } from "../../api/types";
import { overviewTexts as t } from "../../shared/texts/overview";
import { Panel } from "../../shared/ui/Panel";
import { SqlBlock } from "../../shared/ui/SqlBlock";
import { Loaded } from "../../shared/ui/States";

type Recommendation = Schemas["Recommendation"];

/** What to change, and why; nothing is shown if nothing is to be changed. */
export function Recommendations(): React.ReactElement | null {
  const query = useQuery(recommendationsQuery());
  if (query.data?.length === 0) return null;
  return (
    <Panel title={t.recommendations}>
      <Loaded query={query} lines={3}>
        {(items) => (
          <Box
            component="ul"
            sx={{
              listStyle: "none",
              m: 0,
              p: 0,
              display: "grid",
              gap: 2,
              gridTemplateColumns: "minmax(0, 1fr)",
            }}
          >
            {items.map((item) => (
              <Item key={`${item.kind}${item.object}${item.statement ?? ""}`} item={item} />
            ))}
          </Box>
        )}
      </Loaded>
    </Panel>
  );
}

function Item({ item }: { item: Recommendation }): React.ReactElement {
  return (
    <Box component="li">
      <Typography variant="h3" sx={{ color: item.severity === "WARNING" ? "states.late" : "text.primary" }}>
        {item.title}
      </Typography>
      <Typography variant="caption" color="textSecondary" component="div" sx={{ overflowWrap: "anywhere" }}>
        {item.object}
      </Typography>
      <Typography variant="body2" sx={{ my: 0.5 }}>
        {item.detail}
      </Typography>
      {item.statement ? <SqlBlock sql={item.statement} label={item.title} /> : null}
    </Box>
  );
}
