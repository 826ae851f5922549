/** Values of results. */
export const valueTexts = {
  showWhole: (size: string) => `Show ${size}`,
  title: (column: string, row: number) => `${column}, row ${row}`,
  begins: (shown: string, size: string) => `The first ${shown} of ${size}. The file has all of it.`,
  copy: "Copy",
  copied: "Copied",
  download: "Download",
  close: "Close",
} as const;
