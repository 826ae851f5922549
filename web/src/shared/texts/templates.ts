/** Statements to begin with. */
export const templateTexts = {
  own: "Made of this table",
  table: "Table",
  none: "No pattern fits this table",
  noneHint: "It has neither a time, nor numbers, nor a foreign key. Choose another, or write the query.",
  patterns: {
    totals: {
      title: "Totals by day",
      description: "Numbers that a dashboard asks for all the time, kept instead of computed.",
    },
    enrich: {
      title: "Facts with their dimensions",
      description: "A wide table for reading: each row with the attributes of what it refers to.",
    },
    latest: {
      title: "The latest row of each key",
      description: "The current state out of a history.",
    },
    top: { title: "The top rows of each group", description: "The ten largest of each, ranked." },
    growth: {
      title: "Running totals and change",
      description: "Each day with the sum so far and the change from the day before.",
    },
    recent: {
      title: "The last seven days",
      description: "A moving window: rows leave by themselves as time goes on.",
    },
    missing: {
      title: "What has no partner",
      description: "What nothing refers to: the complement of a join, kept current.",
    },
  },
} as const;
