/** The timeline. */
export const timelineTexts = {
  title: "Timeline",
  subtitle:
    "Every refresh, one lane a table, the tables of one pipeline together. Drag over a stretch to look closer.",
  listSubtitle: "Every refresh, the newest first.",
  chart: (n: number, tables: number) =>
    `${n} refreshes of ${tables} tables over time. The list below has the same.`,
  show: "Show",
  all: "All",
  work: "With work",
  failed: "Failed",
  late: "Late",
  gantt: "Lanes",
  list: "List",
  view: "View",
  truncated: "Only the newest refreshes of this window are shown; choose a shorter one for all.",
  none: "Nothing was refreshed in this window",
  noneHint: "Choose a longer window, or look at all refreshes.",
  legend: "Legend",
  pipeline: "Pipeline",
  times: (n: string) => `${n} times in a row, this is the last`,
  working: "at work",
  heldUp: "waits for a lock",
  runningFor: (time: string) => `refreshing for ${time}`,
  by: (process: number, who: string) => `Session ${process} (${who}) has it:`,
  phases: { wait: "waited", execute: "worked", commit: "until the commit" },
} as const;
