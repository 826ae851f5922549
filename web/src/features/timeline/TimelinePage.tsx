import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { graphQuery } from "../../api/queries/graph";
import { runningQuery, timelineQuery, type RefreshFilter } from "../../api/queries/refreshes";
import type { Refresh } from "../../api/types";
import { useNow } from "../../shared/hooks/use-now";
import { useTimeRange, type TimeRange } from "../../shared/hooks/use-time-range";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { refreshPath, tablePath } from "../../shared/lib/paths";
import { actionColor, cssColor, refreshLook, words } from "../../shared/lib/status";
import { RefreshTable } from "../../shared/refresh/RefreshTable";
import { timelineTexts as t } from "../../shared/texts/timeline";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { RangePicker } from "../../shared/ui/RangePicker";
import { Gantt } from "./Gantt";
import { lanesOf } from "./lanes";

const CHOICES: Record<string, { label: string; filter: RefreshFilter }> = {
  work: { label: t.work, filter: { action: ["INCREMENTAL", "FULL", "REINITIALIZE"] } },
  all: { label: t.all, filter: {} },
  failed: { label: t.failed, filter: { state: ["FAILED", "UPSTREAM_FAILED", "CANCELLED"] } },
  late: { label: t.late, filter: { late: true } },
};

const DEFAULTS = { show: "all", view: "gantt" };

/** When what was refreshed, how long it took, and what waited for what. */
export function TimelinePage(): React.ReactElement {
  const [state, setState] = useUrlState(DEFAULTS);
  const range = useTimeRange("15m");
  const navigate = useNavigate();
  const open = ({ id }: Refresh): void => void navigate(refreshPath(id));
  return (
    <Page
      title={t.title}
      subtitle={state.view === "list" ? t.listSubtitle : t.subtitle}
      fill
      actions={
        <>
          {state.view === "list" ? null : <RangePicker range={range} />}
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
        <Lanes range={range} show={state.show} onShow={(show) => setState({ show })} onOpen={open} />
      )}
    </Page>
  );
}

interface LanesProps {
  range: TimeRange;
  show: string;
  onShow: (show: string) => void;
  onOpen: (refresh: Refresh) => void;
}

function Lanes({ range, show, onShow, onOpen }: LanesProps): React.ReactElement {
  const query = useQuery(timelineQuery(range.span, CHOICES[show]?.filter ?? {}));
  const graph = useQuery(graphQuery());
  const navigate = useNavigate();
  // What is at work now is in no window with an end of its own, and has neither failed nor come too late.
  const present = !("from" in range.span) && (show === "all" || show === "work");
  const running = useQuery({ ...runningQuery(), enabled: present }).data;
  const lanes = useMemo(
    () => lanesOf(graph.data, query.data?.items ?? [], (present ? running : undefined) ?? []),
    [graph.data, query.data, running, present],
  );
  return (
    <Panel flush sx={{ flex: 1, minHeight: 320 }}>
      <Box sx={{ p: 1.25, display: "flex", flexWrap: "wrap", gap: 2, alignItems: "center" }}>
        <ToggleButtonGroup
          exclusive
          aria-label={t.show}
          value={show}
          onChange={(_, next: string | null) => (next === null ? undefined : onShow(next))}
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
        isEmpty={() => lanes.length === 0}
        empty={<Empty title={t.none} hint={t.noneHint} />}
      >
        {({ begin, end, truncated }) => (
          <>
            {truncated ? (
              <Alert severity="info" sx={{ mx: 1.5 }}>
                {t.truncated}
              </Alert>
            ) : null}
            <Present on={lanes.some((lane) => lane.running !== null)} end={end}>
              {(until) => (
                <Gantt
                  lanes={lanes}
                  begin={begin}
                  end={until}
                  onOpen={onOpen}
                  onOpenTable={(table) => void navigate(tablePath(table))}
                  onZoom={range.setOwn}
                />
              )}
            </Present>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

interface PresentProps {
  on: boolean;
  end: number;
  children: (end: number) => React.ReactNode;
}

/** Let the end of a window follow the clock, second by second, while something is at work. */
function Present({ on, end, children }: PresentProps): React.ReactNode {
  return on ? <Clock end={end}>{children}</Clock> : children(end);
}

function Clock({ end, children }: Omit<PresentProps, "on">): React.ReactNode {
  return children(Math.max(end, useNow()));
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
      {[
        [t.working, { bgcolor: "states.running" }] as const,
        [t.heldUp, { border: "1.5px dashed", borderColor: "states.late" }] as const,
      ].map(([label, sx]) => (
        <Box component="li" key={label} sx={{ display: "flex", gap: 0.75, alignItems: "center" }}>
          <Box component="span" sx={{ width: 14, height: 10, borderRadius: "2px", ...sx }} />
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
