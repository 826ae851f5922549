/** The graph, wherever it is drawn. */
export const dagTexts = {
  canvas: "Graph of tables. Arrow keys walk from table to table, Enter opens the selected one.",
  schemaGroup: (n: number) => `${n} relations`,
  pipelineGroup: (last: string, n: number) => `${last} and ${n - 1} more`,
} as const;
