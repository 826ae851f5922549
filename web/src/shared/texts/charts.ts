/** Charts of stored figures. */
export const chartTexts = {
  none: "No figures yet",
  noneHint: "They are stored every few seconds while the server runs.",
  duration: "Duration of refreshes with work",
  written: "Rows written a second",
} as const;
