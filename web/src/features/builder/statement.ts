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

/** The statement with OR REPLACE. */
export function orReplace(sql: string): string {
  return sql.replace(/\bCREATE\s+(?:OR\s+REPLACE\s+)?DYNAMIC\b/i, "CREATE OR REPLACE DYNAMIC");
}
