import type { Schemas } from "../../api/types";
import { templateTexts as t } from "../../shared/texts/templates";

type Names = Schemas["Completions"];
type Template = Schemas["Template"];
type Column = Schemas["TableColumn"];
type Key = Schemas["ForeignKey"];

/** A relation that templates may be made of. */
export interface Source {
  schema: string;
  name: string;
  kind: string;
  columns: readonly Column[];
  /** Where it refers to, as far as that is listed. */
  keys: readonly Reference[];
}

interface Reference {
  columns: readonly string[];
  to: Omit<Source, "keys">;
  toColumns: readonly string[];
}

const TIME = /^(date|timestamp)/;
const NUMBER = /^(smallint|integer|bigint|numeric|real|double precision|money)/;
const TEXT = /^(text|character|citext)/;

/** The relations of the catalog; first those that refer to most others, which are the facts. */
export function sourcesOf({ schemas, foreign_keys }: Names): Source[] {
  const all = schemas.flatMap(({ name: schema, tables }) => tables.map((table) => ({ schema, ...table })));
  const of = (schema: string, name: string) =>
    all.find((each) => each.schema === schema && each.name === name);
  const keys = Map.groupBy(foreign_keys, (key) => `${key.schema_name}.${key.name}`);
  const reference = (key: Key): Reference[] => {
    const to = of(key.references_schema, key.references);
    return to ? [{ columns: key.columns, to, toColumns: key.referenced_columns }] : [];
  };
  const found = all.map((each) => ({
    ...each,
    keys: (keys.get(`${each.schema}.${each.name}`) ?? []).flatMap(reference),
  }));
  return found.sort((a, b) => b.keys.length - a.keys.length || worth(b) - worth(a));
}

/** How much a table offers: times and numbers can be summed up. */
function worth(source: Source): number {
  return Number(time(source) !== undefined) + Number(numbers(source).length > 0);
}

/** Statements to begin with, made of a relation: those of the patterns that its columns and keys allow. */
export function templatesOf(source: Source, searchPath: readonly string[]): Template[] {
  const write = writer(searchPath);
  return PATTERNS.flatMap(([id, pattern]) => {
    const made = pattern(source, write);
    if (made === null) return [];
    const { title, description } = t.patterns[id];
    const name = write.made(source.schema, made.name);
    const sql = `CREATE DYNAMIC TABLE ${name}\n    TARGET_LAG = '1 minute'\nAS\n${made.query};\n`;
    return [{ id, title, description, category: t.own, sql }];
  });
}

interface Writer {
  column: (name: string) => string;
  table: (source: { schema: string; name: string }) => string;
  /** The name of a table that is to be made beside a source. */
  made: (schema: string, name: string) => string;
}

function writer(searchPath: readonly string[]): Writer {
  const table = (schema: string, name: string): string =>
    searchPath.includes(schema) ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
  return {
    column: quoted,
    table: ({ schema, name }) => table(schema, name),
    made: (schema, name) => table(schema, name.slice(0, 63)),
  };
}

/** Words that are no names of columns without quotes, of those that people like for columns. */
const RESERVED =
  /^(all|analyse|analyze|and|any|array|as|asc|both|case|cast|check|collate|column|constraint|create|default|desc|distinct|do|else|end|except|false|fetch|for|foreign|from|grant|group|having|in|into|limit|not|null|offset|on|only|or|order|primary|references|select|some|table|then|to|true|union|unique|user|using|when|where|window|with)$/;

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

interface Made {
  name: string;
  query: string;
}

type Pattern = (source: Source, write: Writer) => Made | null;
type PatternId = keyof typeof t.patterns;

const PATTERNS: readonly (readonly [PatternId, Pattern])[] = [
  ["totals", totals],
  ["enrich", enrich],
  ["latest", latest],
  ["top", top],
  ["growth", growth],
  ["recent", recent],
  ["missing", missing],
];

function totals(source: Source, write: Writer): Made | null {
  const at = time(source);
  if (at === undefined) return null;
  const day = dayOf(at, write);
  const sums = numbers(source)
    .slice(0, 3)
    .map(({ name }) => `sum(${write.column(name)}) AS ${write.column(`total_${name}`)}`);
  const columns = [`${day} AS day`, "count(*) AS number", ...sums].join(", ");
  return {
    name: `${source.name}_by_day`,
    query: `SELECT ${columns}\nFROM ${write.table(source)}\nGROUP BY ${day}`,
  };
}

function enrich(source: Source, write: Writer): Made | null {
  const [first] = source.keys;
  if (first === undefined) return null;
  const own = source.columns.map(({ name }) => `f.${write.column(name)}`);
  const taken = new Set(source.columns.map(({ name }) => name));
  const others = first.to.columns
    .filter(({ name }) => !first.toColumns.includes(name))
    .slice(0, 6)
    .map(({ name }) =>
      taken.has(name)
        ? `d.${write.column(name)} AS ${write.column(`${first.to.name}_${name}`)}`
        : `d.${write.column(name)}`,
    );
  return {
    name: `${source.name}_enriched`,
    query: `SELECT ${[...own, ...others].join(", ")}\nFROM ${write.table(source)} f\nJOIN ${write.table(first.to)} d ON ${joined(first, "d", "f", write)}`,
  };
}

function latest(source: Source, write: Writer): Made | null {
  const at = time(source);
  const key =
    source.keys[0]?.columns ??
    source.columns
      .filter(({ name }) => name.endsWith("_id"))
      .slice(0, 1)
      .map(({ name }) => name);
  if (at === undefined || key.length === 0) return null;
  const by = key.map((name) => write.column(name)).join(", ");
  return {
    name: `latest_${source.name}`,
    query: `SELECT DISTINCT ON (${by}) *\nFROM ${write.table(source)}\nORDER BY ${by}, ${write.column(at.name)} DESC`,
  };
}

function top(source: Source, write: Writer): Made | null {
  const group = source.columns.find(({ type }) => TEXT.test(type));
  const [number] = numbers(source);
  if (group === undefined || number === undefined) return null;
  const [g, n] = [write.column(group.name), write.column(number.name)];
  return {
    name: `top_${source.name}`,
    query: `SELECT *\nFROM (\n    SELECT *, row_number() OVER (PARTITION BY ${g} ORDER BY ${n} DESC) AS position\n    FROM ${write.table(source)}\n) ranked\nWHERE position <= 10`,
  };
}

function growth(source: Source, write: Writer): Made | null {
  const at = time(source);
  const [number] = numbers(source);
  if (at === undefined || number === undefined) return null;
  const day = dayOf(at, write);
  return {
    name: `${source.name}_growth`,
    query: `SELECT day, total, sum(total) OVER (ORDER BY day) AS so_far, total - lag(total) OVER (ORDER BY day) AS change\nFROM (\n    SELECT ${day} AS day, sum(${write.column(number.name)}) AS total\n    FROM ${write.table(source)}\n    GROUP BY ${day}\n) days`,
  };
}

function recent(source: Source, write: Writer): Made | null {
  const at = time(source);
  if (at === undefined) return null;
  const from = at.type === "date" ? "current_date - 7" : "now() - interval '7 days'";
  return {
    name: `recent_${source.name}`,
    query: `SELECT *\nFROM ${write.table(source)}\nWHERE ${write.column(at.name)} > ${from}`,
  };
}

function missing(source: Source, write: Writer): Made | null {
  const [first] = source.keys;
  if (first === undefined) return null;
  return {
    name: `${first.to.name}_without_${source.name}`,
    query: `SELECT d.*\nFROM ${write.table(first.to)} d\nWHERE NOT EXISTS (SELECT 1 FROM ${write.table(source)} f WHERE ${joined(first, "f", "d", write)})`,
  };
}

/** The condition of a join along a foreign key; the side that is named first stands first. */
function joined(key: Reference, first: "f" | "d", second: "f" | "d", write: Writer): string {
  const side = (alias: "f" | "d", index: number): string =>
    `${alias}.${write.column((alias === "f" ? key.columns : key.toColumns)[index] ?? "")}`;
  return key.columns.map((_, index) => `${side(first, index)} = ${side(second, index)}`).join(" AND ");
}

function dayOf({ name, type }: Column, write: Writer): string {
  return type === "date" ? write.column(name) : `${write.column(name)}::date`;
}

function time({ columns }: Pick<Source, "columns">): Column | undefined {
  return columns.find(({ type }) => TIME.test(type));
}

/** The columns that are worth a sum: numbers that are no keys. */
function numbers({ columns, keys }: Source): Column[] {
  const key = new Set(keys.flatMap((each) => each.columns));
  return columns.filter(
    ({ name, type }) =>
      NUMBER.test(type) && !key.has(name) && !/(^|_)(id|key|no)$/.test(name) && !name.endsWith("key"),
  );
}
