/** The delta plan. */
export const planTexts = {
  tree: "Delta plan",
  show: "Show details of",
  hide: "Hide details of",
  missingIndex: "A look-up has no index",
  rows: (n: string) => `${n} rows`,
  changed: (n: string) => `${n} changed`,
  columns: (names: string) => `columns ${names}`,
  state: (stage: number, keeps: string) => `stage ${stage} keeps ${keeps}`,
  index: (name: string) => `index on ${name}`,
  lookup: (table: string, columns: string, index: string | null) =>
    `look-up in ${table} (${columns})${index ? ` by ${index}` : ": no index"};`,
  missing: "Missing indexes",
  statements: (n: string) => `The SQL of a refresh: ${n}`,
  stage: (n: number) => `stage ${n}`,
  measured: (action: string, time: string) => `The last refresh that did work: ${action}, ${time},`,
} as const;
