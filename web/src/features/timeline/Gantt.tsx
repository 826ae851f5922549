import Box from "@mui/material/Box";
import { useMemo, useState } from "react";
import type { Refresh, RunningRefresh } from "../../api/types";
import { timeScale, timeTicks, type TimeScale } from "../../shared/charts/time-axis";
import { TimePlot } from "../../shared/charts/TimePlot";
import { useSize } from "../../shared/hooks/use-size";
import { count, instant, milliseconds } from "../../shared/lib/format";
import { zoneShort } from "../../shared/lib/zone";
import { actionColor, cssColor, refreshLook, words } from "../../shared/lib/status";
import { timelineTexts as t } from "../../shared/texts/timeline";
import type { Lane } from "./lanes";
import { phasesOf, runsOf, type Phase } from "./phases";
import { RunningBar, RunningStripes, RunningTip } from "./RunningBar";

const LANE = 28;
const TOP = 26;
const BAR = 14;
const RIGHT = 28;

interface GanttProps {
  lanes: readonly Lane[];
  begin: number;
  end: number;
  onOpen: (refresh: Refresh) => void;
  onOpenTable: (table: RunningRefresh) => void;
  onZoom: (from: number, to: number) => void;
}

/** What the pointer is over: a refresh that has ended, or one at work. */
type Hover = { x: number; y: number } & (
  { refresh: Refresh; phases: readonly Phase[] } | { running: RunningRefresh }
);

/** One lane a table, one bar a refresh, also while it is at work; drag to zoom. */
export function Gantt({ lanes, begin, end, onOpen, onOpenTable, onZoom }: GanttProps): React.ReactElement {
  const [ref, { width }] = useSize();
  const [hover, setHover] = useState<Hover | null>(null);
  const left = width < 640 ? 120 : 220;
  const x = timeScale(begin, end, left, Math.max(width - RIGHT, left + 60));
  const height = TOP + lanes.length * LANE + 6;
  const runs = useMemo(() => runsOf(lanes.flatMap(({ refreshes }) => refreshes)), [lanes]);
  return (
    <Box ref={ref} sx={{ position: "relative", width: "100%" }}>
      <TimePlot begin={begin} end={end} left={left} right={RIGHT} onZoom={onZoom}>
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={t.chart(
            lanes.reduce((sum, lane) => sum + lane.refreshes.length, 0),
            lanes.length,
          )}
          style={{ display: "block", userSelect: "none" }}
        >
          <RunningStripes />
          <text x={10} y={14} fontSize={11} fill={cssColor("text.secondary")}>
            {zoneShort(end)}
          </text>
          {timeTicks(x).map((tick) => (
            <g key={tick.x}>
              <line x1={tick.x} x2={tick.x} y1={TOP - 6} y2={height} stroke={cssColor("divider")} />
              <text x={tick.x} y={14} textAnchor="middle" fontSize={11} fill={cssColor("text.secondary")}>
                {tick.label}
              </text>
            </g>
          ))}
          {lanes.map((lane, index) => (
            <LaneRow
              key={lane.key}
              lane={lane}
              y={TOP + index * LANE}
              x={x}
              left={left}
              width={width}
              end={end}
              runs={runs}
              onHover={setHover}
              onOpen={onOpen}
              onOpenTable={onOpenTable}
            />
          ))}
        </svg>
      </TimePlot>
      {hover ? <Tip hover={hover} width={width} /> : null}
    </Box>
  );
}

interface LaneRowProps {
  lane: Lane;
  y: number;
  x: TimeScale;
  left: number;
  width: number;
  end: number;
  runs: ReadonlyMap<string, readonly Refresh[]>;
  onHover: (hover: Hover | null) => void;
  onOpen: (refresh: Refresh) => void;
  onOpenTable: (table: RunningRefresh) => void;
}

function LaneRow(props: LaneRowProps): React.ReactElement {
  const { lane, y, x, left, width, end, runs, onHover, onOpen, onOpenTable } = props;
  const { running } = lane;
  const indent = 10 + lane.depth * 14;
  const letters = Math.floor((left - indent - 8) / 6.6);
  const label = lane.name.length > letters ? `${lane.name.slice(0, letters - 1)}…` : lane.name;
  return (
    <g>
      {lane.first ? (
        <line x1={0} x2={width} y1={y} y2={y} stroke={cssColor("divider")} strokeWidth={1.5} />
      ) : null}
      {lane.depth > 0 ? (
        <path
          d={`M${indent - 9},${y + 4}v10h6`}
          stroke={cssColor("text.secondary")}
          fill="none"
          opacity={0.6}
        />
      ) : null}
      <text x={indent} y={y + LANE / 2 + 4} fontSize={12} fontWeight={540} fill={cssColor("text.primary")}>
        <title>{`${lane.schema_name}.${lane.name}`}</title>
        {label}
      </text>
      {lane.refreshes.map((refresh) => (
        <Bar
          key={refresh.id}
          refresh={refresh}
          phases={phasesOf(refresh, runs.get(refresh.run) ?? [refresh], end)}
          y={y}
          x={x}
          onHover={onHover}
          onOpen={onOpen}
        />
      ))}
      {running ? (
        <RunningBar
          running={running}
          x={x}
          y={y + (LANE - BAR) / 2}
          height={BAR}
          onHover={(from) => onHover(from === null ? null : { running, x: from, y: y + LANE })}
          onOpen={() => onOpenTable(running)}
        />
      ) : null}
    </g>
  );
}

interface BarProps {
  refresh: Refresh;
  phases: readonly Phase[];
  y: number;
  x: TimeScale;
  onHover: (hover: Hover | null) => void;
  onOpen: (refresh: Refresh) => void;
}

function barColor({ state, action }: Refresh): string {
  return state === "SUCCEEDED" ? actionColor(action) : refreshLook(state).color;
}

/** The work as a bar; what it waited before as a thin line, the rest of its run up to the commit as a pale one. */
function Bar({ refresh, phases, y, x, onHover, onOpen }: BarProps): React.ReactElement | null {
  const [left = 0, right = 0] = x.range();
  const spans = phases
    .map(({ kind, from, to }) => ({ kind, from: Math.max(left, x(from)), to: Math.min(right, x(to)) }))
    .filter(({ from, to }) => to >= from);
  if (spans.length === 0) return null;
  const color = cssColor(barColor(refresh));
  const idle = refresh.action === "NO_DATA";
  return (
    <g
      style={{ cursor: "pointer" }}
      onPointerEnter={() => onHover({ refresh, phases, x: spans[0]?.from ?? left, y: y + LANE })}
      onPointerLeave={() => onHover(null)}
      onClick={() => onOpen(refresh)}
    >
      {refresh.first_ended_at ? (
        <line
          data-phase="several"
          x1={Math.max(left, x(Date.parse(refresh.first_ended_at)))}
          x2={spans[0]?.from ?? left}
          y1={y + LANE / 2}
          y2={y + LANE / 2}
          stroke={color}
          strokeWidth={2}
          opacity={0.35}
        />
      ) : null}
      {spans.map(({ kind, from, to }) => {
        const work = kind === "execute";
        const height = idle ? 6 : PHASE_HEIGHTS[kind];
        return (
          <rect
            key={kind}
            data-phase={kind}
            x={from}
            y={y + (LANE - height) / 2}
            width={Math.max(work ? (idle ? 2 : 3) : 0, to - from)}
            height={height}
            rx={work ? 2 : 0}
            fill={kind === "wait" ? cssColor("states.pending") : color}
            opacity={work ? (idle ? 0.5 : 0.92) : 0.45}
            stroke={work && refresh.within_target === false ? cssColor("states.failing") : "none"}
            strokeWidth={1.5}
          />
        );
      })}
    </g>
  );
}

const PHASE_HEIGHTS = { wait: 4, execute: BAR, commit: 8 } as const;

function Tip({ hover, width }: { hover: Hover; width: number }): React.ReactElement {
  return (
    <Box sx={TIP} style={{ left: Math.max(0, Math.min(hover.x, width - 330)), top: hover.y }}>
      {"running" in hover ? <RunningTip running={hover.running} /> : <RefreshTip {...hover} />}
    </Box>
  );
}

interface RefreshTipProps {
  refresh: Refresh;
  phases: readonly Phase[];
}

function RefreshTip({ refresh, phases }: RefreshTipProps): React.ReactElement {
  return (
    <>
      <b>{refresh.name}</b> #{refresh.id}
      <br />
      {words(refresh.state)} · {words(refresh.action)} · {milliseconds(refresh.duration_ms)}
      {refresh.count > 1 ? ` · ${t.times(count(refresh.count))}` : ""}
      <br />
      {phases.map(({ kind, from, to }) => `${t.phases[kind]} ${milliseconds(to - from)}`).join(" · ")}
      <br />
      {instant(refresh.started_at)} · +{count(refresh.rows_inserted)} −{count(refresh.rows_deleted)}
      {refresh.error_message ? (
        <Box component="div" sx={{ color: "states.failing" }}>
          {refresh.error_message}
        </Box>
      ) : null}
    </>
  );
}

const TIP = {
  position: "absolute",
  pointerEvents: "none",
  zIndex: 2,
  maxWidth: 320,
  px: 1.25,
  py: 0.75,
  border: 1,
  borderColor: "divider",
  borderRadius: 1,
  bgcolor: "background.paper",
  boxShadow: 3,
  fontSize: "0.75rem",
} as const;
