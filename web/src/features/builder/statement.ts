/** Reading and writing options in the head of a CREATE DYNAMIC TABLE statement, leaving everything else as typed. */

const HEAD =
  /^([\s\S]*?\bDYNAMIC\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))*))([\s\S]*?)(\bAS\b[\s\S]*)$/i;

interface Parts {
  start: string;
  name: string;
  options: string;
  rest: string;
}

function parts(sql: string): Parts | null {
  const match = HEAD.exec(sql);
  if (match === null) return null;
  const [, start = "", name = "", options = "", rest = ""] = match;
  return { start, name, options, rest };
}

function pattern(option: string): RegExp {
  return new RegExp(`\\b${option}\\s*=?\\s*('(?:[^']|'')*'|\\w+)`, "i");
}

/** The value of an option, without quotes; null if it is not given. */
export function readOption(sql: string, option: string): string | null {
  const value = pattern(option).exec(parts(sql)?.options ?? "")?.[1];
  if (value === undefined) return null;
  return value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value;
}

/** The statement with an option set. */
export function writeOption(sql: string, option: string, value: string): string {
  const found = parts(sql);
  if (found === null) return sql;
  const text = `${option} = ${/^[A-Z_]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`}`;
  const { start, options, rest } = found;
  const next = pattern(option).test(options)
    ? options.replace(pattern(option), () => text)
    : `${options.trimEnd()}\n    ${text}\n`;
  return `${start}${next}${rest}`;
}

/** The name as it was typed. */
export function readName(sql: string): string | null {
  return parts(sql)?.name ?? null;
}

const QUERY = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(?:SELECT|WITH|VALUES|TABLE)\b/i;

/** Whether a text is a query, and no statement about a dynamic table yet. */
export function isQuery(sql: string): boolean {
  return QUERY.test(sql);
}

/** The query as the definition of a new dynamic table. */
export function wrapQuery(sql: string, name: string): string {
  const query = sql.trim().replace(/;\s*$/, "");
  return `CREATE DYNAMIC TABLE ${name}\n    TARGET_LAG = '1 minute'\nAS\n${query};\n`;
}

/** A name for the result of a query: after what it reads. */
export function proposeName(sql: string): string {
  const source = /\bFROM\s+(?:ONLY\s+)?(?:"[^"]+"|[\w$]+)?\.?("[^"]+"|[\w$]+)/i.exec(sql)?.[1] ?? "result";
  const plain = source
    .replaceAll('"', "")
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_");
  return /\bGROUP\s+BY\b/i.test(sql) ? `${plain}_summary` : `${plain}_live`;
}

/** The statement with OR REPLACE. */
export function orReplace(sql: string): string {
  return sql.replace(/\bCREATE\s+(?:OR\s+REPLACE\s+)?DYNAMIC\b/i, "CREATE OR REPLACE DYNAMIC");
}
