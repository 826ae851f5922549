/** The graph, wherever it is drawn. */
export const dagTexts = {
  canvas: "Graph of tables. Arrow keys walk from table to table, Enter opens the selected one.",
} as const;
