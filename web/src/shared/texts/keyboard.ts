/** The command palette. */
export const palette = {
  label: "Command palette",
  placeholder: "Type a page, a table or an action",
  nothing: "Nothing matches",
  pages: "Go to",
  tables: "Dynamic tables",
  actions: "Actions",
  refresh: "Refresh now",
  newTable: "Build a dynamic table",
  restore: "Restore a dropped table",
  hint: "↑ ↓ to choose, Enter to go, Esc to close",
} as const;

/** Keys, in the order in which they are listed. */
export const shortcutList: readonly [keys: string, meaning: string][] = [
  ["Ctrl K", "Command palette"],
  ["?", "This list"],
  ["g o", "Overview"],
  ["g t", "Tables"],
  ["g g", "Graph"],
  ["g l", "Timeline"],
  ["g q", "Quality"],
  ["g a", "Alerts"],
  ["g b", "Builder"],
  ["g s", "SQL console"],
  ["/", "Search on the page"],
  ["[", "Collapse or expand the navigation"],
  ["Ctrl Enter", "In an editor: check or run"],
  ["← → ↑ ↓", "In the graph: walk from table to table"],
  ["f", "In the graph: focus on the selected table"],
];
