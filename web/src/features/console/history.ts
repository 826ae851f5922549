const KEPT = "dyntables.console.history";
const MOST = 100;

export interface HistoryEntry {
  sql: string;
  at: string;
  rows: number;
  milliseconds: number;
}

/** What was run in this browser, the newest first. */
export function readHistory(): HistoryEntry[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch {
    return [];
  }
}

/** Keep a statement; a repeat replaces the older one. */
export function remember(entry: HistoryEntry): HistoryEntry[] {
  const entries = [entry, ...readHistory().filter(({ sql }) => sql !== entry.sql)].slice(0, MOST);
  localStorage.setItem(KEPT, JSON.stringify(entries));
  return entries;
}

/** Forget everything. */
export function forget(): HistoryEntry[] {
  localStorage.removeItem(KEPT);
  return [];
}

function isEntry(value: unknown): value is HistoryEntry {
  return (
    typeof value === "object" &&
    value !== null &&
    "sql" in value &&
    "at" in value &&
    typeof value.sql === "string"
  );
}
