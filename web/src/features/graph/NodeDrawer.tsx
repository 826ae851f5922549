import CloseIcon from "@mui/icons-material/Close";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import FormControlLabel from "@mui/material/FormControlLabel";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Switch from "@mui/material/Switch";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink } from "react-router";
import { sourcesQuery } from "../../api/queries/graph";
import { criticalPathQuery } from "../../api/queries/tables";
import type { Graph, GraphNode } from "../../api/types";
import { neighbours } from "../../shared/dag/walk";
import { bytes, compact, duration, plural } from "../../shared/lib/format";
import { qualityPath, tablePath } from "../../shared/lib/paths";
import { words } from "../../shared/lib/status";
import { graphTexts as t } from "../../shared/texts/graph";
import { ActionChip } from "../../shared/ui/ActionChip";
import { Facts } from "../../shared/ui/Facts";
import { Score } from "../../shared/ui/Score";
import { StatusLabel } from "../../shared/ui/StateLabel";

interface NodeDrawerProps {
  graph: Graph;
  node: GraphNode;
  critical: boolean;
  onCritical: (on: boolean) => void;
  onSelect: (id: string) => void;
  onClose: () => void;
}

/** What is known of the selected node. */
export function NodeDrawer({
  graph,
  node,
  critical,
  onCritical,
  onSelect,
  onClose,
}: NodeDrawerProps): React.ReactElement {
  return (
    <Card component="aside" aria-label={t.details} sx={DRAWER}>
      <Box sx={{ display: "flex", gap: 1, alignItems: "flex-start" }}>
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Typography variant="h2" sx={{ overflowWrap: "anywhere" }}>
            {node.name}
          </Typography>
          <Typography variant="caption" color="textSecondary">
            {node.schema_name} · {words(node.kind)}
          </Typography>
        </Box>
        <IconButton aria-label={t.close} onClick={onClose}>
          <CloseIcon fontSize="small" />
        </IconButton>
      </Box>
      {node.table_id == null ? <SourceFacts node={node} /> : <TableFacts node={node} />}
      <Neighbours graph={graph} node={node} onSelect={onSelect} />
      {node.table_id == null ? null : (
        <>
          <CriticalPath node={node} on={critical} onChange={onCritical} />
          <Button component={RouterLink} to={tablePath(node)} variant="outlined">
            {t.open}
          </Button>
        </>
      )}
    </Card>
  );
}

function TableFacts({ node }: { node: GraphNode }): React.ReactElement {
  return (
    <Facts
      items={[
        [t.state, node.status ? <StatusLabel key="s" status={node.status} /> : "–"],
        [t.mode, <ActionChip key="m" action={node.mode ?? null} />],
        [t.lag, `${duration(node.lag_seconds)} / ${duration(node.effective_target_lag_seconds)}`],
        [t.rows, compact(node.rows)],
        [t.size, bytes(node.bytes)],
        ...quality(node),
      ]}
    />
  );
}

/** The score of a node that has rules, with the way to them. */
function quality(node: GraphNode): (readonly [string, React.ReactNode])[] {
  if (node.quality == null) return [];
  const { score, health } = node.quality;
  return [
    [
      t.quality,
      <Link key="q" component={RouterLink} to={qualityPath(node)} color="textPrimary">
        <Score score={score} health={health} words />
      </Link>,
    ],
  ];
}

function SourceFacts({ node }: { node: GraphNode }): React.ReactElement {
  const { data } = useQuery(sourcesQuery());
  const source = data?.find((each) => each.node === node.id);
  return (
    <Facts
      items={[
        [t.capture, source?.problem ?? (node.captured ? t.captured : t.notCaptured)],
        [t.rows, compact(node.rows)],
        [t.size, bytes(node.bytes)],
        ...quality(node),
        ...(source
          ? ([
              [t.backlog, plural(source.backlog_rows, "row")],
              [t.log, `${bytes(source.log_bytes)}, ${plural(source.log_generations, "generation")}`],
            ] as const)
          : []),
      ]}
    />
  );
}

function Neighbours({
  graph,
  node,
  onSelect,
}: Pick<NodeDrawerProps, "graph" | "node" | "onSelect">): React.ReactElement {
  const near = neighbours(graph);
  const list = (ids: readonly string[] = []): React.ReactNode =>
    ids.length === 0
      ? "–"
      : ids.map((id) => (
          <Box key={id}>
            <Link
              component="button"
              type="button"
              onClick={() => onSelect(id)}
              sx={{ textAlign: "left", fontSize: "inherit" }}
            >
              {graph.nodes.find((each) => each.id === id)?.name ?? id}
            </Link>
          </Box>
        ));
  return (
    <Facts
      items={[
        [t.reads, list(near.up.get(node.id))],
        [t.readBy, list(near.down.get(node.id))],
      ]}
    />
  );
}

interface CriticalPathProps {
  node: GraphNode;
  on: boolean;
  onChange: (on: boolean) => void;
}

function CriticalPath({ node, on, onChange }: CriticalPathProps): React.ReactElement {
  const { data } = useQuery(criticalPathQuery(node));
  return (
    <Box>
      <Typography variant="h3">{t.critical}</Typography>
      <Typography variant="caption" color="textSecondary">
        {t.criticalHint(duration(data?.seconds))}
      </Typography>
      <Box component="ol" sx={{ m: 0, pl: 2.5, fontSize: "0.8125rem" }}>
        {data?.steps.map((step) => (
          <li key={step.node}>
            {step.name}{" "}
            <Box component="span" sx={{ color: "text.secondary" }}>
              {duration(step.expected_seconds)}
            </Box>
          </li>
        ))}
      </Box>
      <FormControlLabel
        control={<Switch size="small" checked={on} onChange={(event) => onChange(event.target.checked)} />}
        label={<Typography variant="body2">{t.criticalShow}</Typography>}
      />
    </Box>
  );
}

const DRAWER = {
  width: { xs: "100%", md: 300 },
  position: { xs: "fixed", md: "static" },
  left: 0,
  right: 0,
  bottom: 0,
  zIndex: { xs: 10, md: "auto" },
  maxHeight: { xs: "60dvh", md: "none" },
  flex: "none",
  overflow: "auto",
  p: 2,
  display: "flex",
  flexDirection: "column",
  gap: 2,
} as const;
