import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { graphQuery } from "../../api/queries/graph";
import { timelineQuery, type RefreshFilter, type Span } from "../../api/queries/refreshes";
import type { Refresh } from "../../api/types";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { refreshPath } from "../../shared/lib/paths";
import { actionColor, cssColor, refreshLook, words } from "../../shared/lib/status";
import { RefreshTable } from "../../shared/refresh/RefreshTable";
import { timelineTexts as t } from "../../shared/texts/timeline";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { secondsOf, WindowPicker } from "../../shared/ui/WindowPicker";
import { Gantt } from "./Gantt";
import { lanesOf } from "./lanes";

const CHOICES: Record<string, { label: string; filter: RefreshFilter }> = {
  work: { label: t.work, filter: { action: ["INCREMENTAL", "FULL", "REINITIALIZE"] } },
  all: { label: t.all, filter: {} },
  failed: { label: t.failed, filter: { state: ["FAILED", "UPSTREAM_FAILED", "CANCELLED"] } },
  late: { label: t.late, filter: { late: true } },
};

const DEFAULTS = { window: "15m", from: "", to: "", show: "all", view: "gantt" };

/** When what was refreshed, how long it took, and what waited for what. */
export function TimelinePage(): React.ReactElement {
  const [state, setState] = useUrlState(DEFAULTS);
  const zoomed = state.from !== "" && state.to !== "";
  const navigate = useNavigate();
  const open = ({ id }: Refresh): void => void navigate(refreshPath(id));
  return (
    <Page
      title={t.title}
      subtitle={t.subtitle}
      fill
      actions={
        <>
          {zoomed ? <Button onClick={() => setState({ from: null, to: null })}>{t.reset}</Button> : null}
          <WindowPicker
            value={zoomed ? "" : state.window}
            onChange={(window) => setState({ window, from: null, to: null })}
          />
          <ToggleButtonGroup
            exclusive
            aria-label={t.view}
            value={state.view}
            onChange={(_, view: string | null) => (view === null ? undefined : setState({ view }))}
          >
            <ToggleButton value="gantt">{t.gantt}</ToggleButton>
            <ToggleButton value="list">{t.list}</ToggleButton>
          </ToggleButtonGroup>
        </>
      }
    >
      {state.view === "list" ? (
        <Panel flush sx={{ flex: 1, minHeight: 360 }}>
          <RefreshTable
            filter={{}}
            show={state.show}
            onShow={(show) => setState({ show })}
            onOpen={open}
            named
          />
        </Panel>
      ) : (
        <Lanes state={state} onState={setState} onOpen={open} />
      )}
    </Page>
  );
}

interface LanesProps {
  state: typeof DEFAULTS;
  onState: (change: Partial<Record<keyof typeof DEFAULTS, string | null>>) => void;
  onOpen: (refresh: Refresh) => void;
}

function Lanes({ state, onState, onOpen }: LanesProps): React.ReactElement {
  const span: Span =
    state.from !== "" && state.to !== ""
      ? { from: Number(state.from), to: Number(state.to) }
      : { seconds: secondsOf(state.window) };
  const choice = CHOICES[state.show];
  const query = useQuery(timelineQuery(span, choice?.filter ?? {}));
  const graph = useQuery(graphQuery());
  const lanes = useMemo(() => lanesOf(graph.data, query.data?.items ?? []), [graph.data, query.data]);
  return (
    <Panel flush sx={{ flex: 1, minHeight: 320 }}>
      <Box sx={{ p: 1.25, display: "flex", flexWrap: "wrap", gap: 2, alignItems: "center" }}>
        <ToggleButtonGroup
          exclusive
          aria-label={t.show}
          value={state.show}
          onChange={(_, show: string | null) => (show === null ? undefined : onState({ show }))}
        >
          {Object.entries(CHOICES).map(([key, { label }]) => (
            <ToggleButton key={key} value={key}>
              {label}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <GanttLegend />
      </Box>
      <Loaded
        query={query}
        lines={8}
        isEmpty={({ items }) => items.length === 0}
        empty={<Empty title={t.none} hint={t.noneHint} />}
      >
        {({ begin, end, truncated }) => (
          <>
            {truncated ? (
              <Alert severity="info" sx={{ mx: 1.5 }}>
                {t.truncated}
              </Alert>
            ) : null}
            <Gantt
              lanes={lanes}
              begin={begin}
              end={end}
              onOpen={onOpen}
              onZoom={(from, to) => onState({ from: String(Math.round(from)), to: String(Math.round(to)) })}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function GanttLegend(): React.ReactElement {
  const entries: [string, string][] = [
    ...["INCREMENTAL", "FULL", "REINITIALIZE", "NO_DATA"].map((action): [string, string] => [
      words(action),
      actionColor(action),
    ]),
    [refreshLook("FAILED").label, refreshLook("FAILED").color],
  ];
  return (
    <Box component="ul" aria-label={t.legend} sx={LEGEND}>
      {entries.map(([label, color]) => (
        <Box component="li" key={label} sx={{ display: "flex", gap: 0.75, alignItems: "center" }}>
          <Box
            component="span"
            sx={{ width: 12, height: 8, borderRadius: "2px", bgcolor: cssColor(color) }}
          />
          {label}
        </Box>
      ))}
      {PHASES.map(([kind, sx]) => (
        <Box component="li" key={kind} sx={{ display: "flex", gap: 0.75, alignItems: "center" }}>
          <Box component="span" sx={{ width: 14, bgcolor: "text.secondary", ...sx }} />
          {t.phases[kind]}
        </Box>
      ))}
    </Box>
  );
}

const PHASES = [
  ["wait", { height: 3, opacity: 0.6 }],
  ["execute", { height: 10, borderRadius: "2px" }],
  ["commit", { height: 6, opacity: 0.6 }],
] as const;

const LEGEND = {
  m: 0,
  p: 0,
  listStyle: "none",
  display: "flex",
  flexWrap: "wrap",
  gap: 1.5,
  fontSize: "0.75rem",
  color: "text.secondary",
} as const;
