/** The usual target lags, and when each is right. */
export const lagPresets: readonly [lag: string, guidance: string][] = [
  ["10 seconds", "Live screens. Only for small changes and incremental refreshes."],
  ["1 minute", "Dashboards that people watch."],
  ["5 minutes", "Operational reports. A good start."],
  ["15 minutes", "Reports that people open now and then."],
  ["1 hour", "Heavy joins, and full refreshes of middling tables."],
  ["6 hours", "Full refreshes of large tables."],
  ["1 day", "Daily figures."],
  ["DOWNSTREAM", "An intermediate step: refreshed when a table that reads it needs it."],
];
