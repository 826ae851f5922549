import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { graphQuery } from "../../api/queries/graph";
import { criticalPathQuery } from "../../api/queries/tables";
import type { Graph, GraphNode } from "../../api/types";
import { collapse, defaultGrouping, isGroup, shownAs, type Grouping } from "../../shared/dag/collapse";
import { isLens } from "../../shared/dag/lens";
import { select } from "../../shared/dag/select";
import { neighbours, part, reach } from "../../shared/dag/walk";
import { useShortcuts } from "../../shared/hooks/use-shortcuts";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { tablePath } from "../../shared/lib/paths";
import { graphTexts as t } from "../../shared/texts/graph";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded, Loading } from "../../shared/ui/States";
import { GraphTable } from "./GraphTable";
import { GraphToolbar } from "./GraphToolbar";
import { isDirection, isGrouping, NO_STATE, type GraphState } from "./graph-state";
import { Legend } from "./Legend";
import { NodeDrawer } from "./NodeDrawer";

const GraphCanvas = lazy(() =>
  import("../../shared/dag/GraphCanvas").then((module) => ({ default: module.GraphCanvas })),
);

/** Everything that reads anything, as it is now or was. */
export function GraphPage(): React.ReactElement {
  const [state, setState] = useUrlState(NO_STATE);
  const query = useQuery({
    ...graphQuery(state.at === "" ? null : new Date(state.at).toISOString()),
    refetchInterval: state.at ? false : 15_000,
  });
  return (
    <Page title={t.title} fill>
      <Loaded
        query={query}
        lines={10}
        isEmpty={({ nodes }) => nodes.length === 0}
        empty={
          <Panel>
            <Empty title={t.empty} hint={t.emptyHint} />
          </Panel>
        }
      >
        {(graph) => <Content graph={graph} state={state} onState={setState} />}
      </Loaded>
    </Page>
  );
}

interface ContentProps {
  graph: Graph;
  state: GraphState;
  onState: (change: Partial<Record<keyof GraphState, string | null>>) => void;
}

interface Shown {
  /** What is left of the graph after focusing. */
  kept: Graph;
  /** What is drawn of it: groups stand for their members. */
  drawn: Graph;
  grouping: Grouping;
  /** What the selector names, and where that is drawn. */
  matched: Set<string> | null;
  bright: Set<string> | null;
}

function useShown(graph: Graph, { node, focus, select: selector, group, open }: GraphState): Shown {
  return useMemo(() => {
    const near = neighbours(graph);
    const focused = node !== "" && isDirection(focus) && near.up.has(node);
    const kept = focused ? part(graph, reach(near, node, focus)) : graph;
    const grouping = isGrouping(group) ? group : defaultGrouping(kept);
    const drawn = collapse(kept, grouping, new Set(open.split(" ")));
    const matched = selector.trim() === "" ? null : select(graph, selector);
    const bright = matched === null ? null : shownAs(kept, grouping, drawn, matched);
    return { kept, drawn, grouping, matched, bright };
  }, [graph, node, focus, selector, group, open]);
}

function useCritical(node: GraphNode | undefined, wanted: boolean): Set<string> {
  const table = { schema_name: node?.schema_name ?? "", name: node?.name ?? "" };
  const { data } = useQuery({ ...criticalPathQuery(table), enabled: wanted && node?.table_id != null });
  return useMemo(() => new Set(wanted ? data?.steps.map((step) => step.node) : []), [data, wanted]);
}

function Content({ graph, state, onState }: ContentProps): React.ReactElement {
  const { kept, drawn, grouping, matched, bright } = useShown(graph, state);
  const [critical, setCritical] = useState(false);
  const navigate = useNavigate();
  const node = graph.nodes.find(({ id }) => id === state.node);
  const path = useCritical(node, critical);
  const lens = isLens(state.lens) ? state.lens : "state";
  useShortcuts(
    useMemo(
      () => ({ f: () => onState({ focus: state.focus === "" ? "both" : "" }) }),
      [onState, state.focus],
    ),
  );
  /** A group that is chosen opens. */
  function choose(id: string | null): void {
    if (id !== null && isGroup(id)) onState({ open: `${state.open} ${id}`.trim() });
    else onState({ node: id, ...(id === null ? { focus: null } : {}) });
  }
  function open(id: string): void {
    const target = graph.nodes.find((each) => each.id === id);
    if (target?.table_id != null) void navigate(tablePath(target));
  }
  return (
    <>
      <GraphToolbar
        graph={drawn}
        state={{ ...state, lens, group: grouping }}
        matched={matched?.size ?? null}
        onState={onState}
      />
      <Box sx={{ flex: 1, minHeight: 380, display: "flex", gap: 2, minWidth: 0 }}>
        <Panel flush sx={{ flex: 1, position: "relative" }}>
          {state.view === "table" ? (
            <GraphTable
              graph={matched ? part(kept, matched) : kept}
              onSelect={(id) => onState({ node: id })}
            />
          ) : (
            <Suspense fallback={<Loading lines={8} />}>
              <Box sx={{ display: "flex", flexDirection: "column", height: 1 }}>
                <Box sx={{ flex: 1, minHeight: 0 }}>
                  <GraphCanvas
                    graph={drawn}
                    lens={lens}
                    selected={state.node || null}
                    bright={bright}
                    critical={path}
                    onSelect={choose}
                    onOpen={open}
                  />
                </Box>
                <Legend lens={lens} />
              </Box>
            </Suspense>
          )}
        </Panel>
        {node ? (
          <NodeDrawer
            graph={graph}
            node={node}
            critical={critical}
            onCritical={setCritical}
            onSelect={(id) => onState({ node: id })}
            onClose={() => onState({ node: null, focus: null })}
          />
        ) : null}
      </Box>
    </>
  );
}
