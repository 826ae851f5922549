import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Schemas } from "../../api/types";
import { visibleAt, type Column, type Lookup, type Visible } from "./scope";

type Names = Schemas["Completions"];

const FROM = /\b(from|join)\s+(?:only\s+)?([\w.$"]*)$/i;
const DOTTED = /((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)\.("?[\w$]*)$/;
const OPTION = /\b(\w+)\s*=\s*('?[\w ]*)$/;
const PLAIN = /^[a-z_][a-z0-9_$]*$/;

/** Offer names in the order in which a query needs them: columns of what it reads, relations, then functions. */
export function completer(names: Names | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    if (names === undefined) return null;
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const lookup = lookupIn(names);
    const visible = visibleAt(context.state.doc.toString(), context.pos, lookup);
    return (
      optionValues(names, before, context) ??
      relations(names, before, visible, context) ??
      members(names, before, visible, context) ??
      expressions(names, visible, context)
    );
  };
}

/** An identifier as it has to be written. */
function quoted(name: string): string {
  return PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}

/** The schemas in which an unqualified name is looked for come first, in their order. */
function lookupIn(names: Names): Lookup {
  return (path) => {
    const [schema, name] = path.length > 1 ? [path[0], path[1]] : [undefined, path[0]];
    const places = schema === undefined ? names.search_path : [schema];
    for (const place of places) {
      const tables = names.schemas.find((each) => each.name === place)?.tables;
      const table = tables?.find((each) => each.name === name);
      if (table !== undefined) return table.columns;
    }
    return null;
  };
}

function optionValues(names: Names, before: string, context: CompletionContext): CompletionResult | null {
  const match = OPTION.exec(before);
  const values = names.options[match?.[1]?.toUpperCase() ?? ""] ?? [];
  if (match === null || values.length === 0) return null;
  const written = (value: string): string =>
    /^[A-Z_0-9]+$/.test(value) || value.startsWith("'") ? value : `'${value}'`;
  return {
    from: context.pos - (match[2]?.length ?? 0),
    options: values.map((value) => ({ label: written(value), type: "enum" })),
  };
}

/** The shortest name under which a relation is found. */
function shortest(names: Names, schema: string, name: string): string {
  const first = names.search_path.find((place) =>
    names.schemas.some((each) => each.name === place && each.tables.some((table) => table.name === name)),
  );
  return first === schema ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

function relations(
  names: Names,
  before: string,
  visible: readonly Visible[],
  context: CompletionContext,
): CompletionResult | null {
  const match = FROM.exec(before);
  if (match === null) return null;
  const options: Completion[] = names.schemas.flatMap((schema) =>
    schema.tables.map((table) => ({
      label: shortest(names, schema.name, table.name),
      type: "type",
      detail: table.kind.replaceAll("_", " ").toLowerCase(),
      ...(table.comment ? { info: table.comment } : {}),
      boost: names.search_path.includes(schema.name) ? 2 : 1,
    })),
  );
  const proposed = match[1]?.toLowerCase() === "join" ? joins(names, visible) : [];
  return {
    from: context.pos - (match[2]?.length ?? 0),
    options: [...proposed, ...options],
    validFor: /^[\w.$"]*$/,
  };
}

/** Joins along foreign keys, to and from what the query reads already. */
function joins(names: Names, visible: readonly Visible[]): Completion[] {
  const found: Completion[] = [];
  for (const key of names.foreign_keys) {
    const here = { schema: key.schema_name, name: key.name, columns: key.columns };
    const there = { schema: key.references_schema, name: key.references, columns: key.referenced_columns };
    for (const [known, other] of [
      [here, there],
      [there, here],
    ] as const) {
      for (const relation of visible.filter((each) => stands(names, each, known.schema, known.name))) {
        const alias = freeAlias(other.name, visible);
        const on = other.columns
          .map(
            (column, index) =>
              `${alias}.${quoted(column)} = ${quoted(relation.name)}.${quoted(known.columns[index] ?? "")}`,
          )
          .join(" AND ");
        found.push({
          label: `${shortest(names, other.schema, other.name)} ${alias} ON ${on}`,
          type: "keyword",
          detail: "foreign key",
          boost: 9,
        });
      }
    }
  }
  return found;
}

function stands(names: Names, relation: Visible, schema: string, name: string): boolean {
  const path = relation.path;
  if (path.length > 1) return path[0] === schema && path[1] === name;
  return path[0] === name && shortest(names, schema, name) === quoted(name);
}

/** The initials of a name, with a number where they are taken. */
function freeAlias(name: string, visible: readonly Visible[]): string {
  const initials =
    name
      .split(/[^a-z0-9]+/i)
      .map((part) => part.charAt(0).toLowerCase())
      .join("")
      .replace(/^[^a-z]+/, "") || "t";
  const taken = new Set(visible.map((each) => each.name));
  const clear = (alias: string): boolean =>
    !taken.has(alias) && !["as", "on", "in", "is", "or"].includes(alias);
  for (let number = 1; ; number += 1) {
    const alias = number === 1 ? initials : `${initials}${number}`;
    if (clear(alias)) return alias;
  }
}

/** What stands behind a dot: columns of a relation of the query, or the relations of a schema. */
function members(
  names: Names,
  before: string,
  visible: readonly Visible[],
  context: CompletionContext,
): CompletionResult | null {
  const match = DOTTED.exec(before);
  if (match === null) return null;
  const path = (match[1]?.match(/"[^"]+"|[\w$]+/g) ?? []).map(unquoted);
  const relation = path.length === 1 ? visible.find(({ name }) => name === path[0]) : undefined;
  const columns = relation?.columns ?? lookupIn(names)(path) ?? [];
  const tables = path.length === 1 ? names.schemas.find(({ name }) => name === path[0])?.tables : undefined;
  const options =
    columns.length > 0
      ? columns.map((column) => ofColumn(column, quoted(column.name), 1))
      : (tables ?? []).map((table): Completion => ({ label: quoted(table.name), type: "type" }));
  return { from: context.pos - (match[2]?.length ?? 0), options, validFor: /^"?[\w$]*$/ };
}

function ofColumn(column: Column, label: string, boost: number): Completion {
  return { label, type: "property", boost, ...(column.type ? { detail: column.type } : {}) };
}

function expressions(
  names: Names,
  visible: readonly Visible[],
  context: CompletionContext,
): CompletionResult | null {
  const word = context.matchBefore(/[\w$]+$/);
  if (word === null || (word.to - word.from < 2 && visible.length === 0)) return null;
  const all = visible.flatMap((relation) => relation.columns.map((column) => ({ relation, column })));
  const often = new Map<string, number>();
  for (const { column } of all) often.set(column.name, (often.get(column.name) ?? 0) + 1);
  const columns = all.map(({ relation, column }) =>
    ofColumn(
      column,
      (often.get(column.name) ?? 0) > 1
        ? `${quoted(relation.name)}.${quoted(column.name)}`
        : quoted(column.name),
      5,
    ),
  );
  const aliases = visible.map(({ name }): Completion => ({
    label: quoted(name),
    type: "variable",
    boost: 3,
  }));
  const functions = names.functions.map((name): Completion => ({
    label: name,
    apply: `${name}(`,
    type: "function",
    boost: -1,
  }));
  return { from: word.from, options: [...columns, ...aliases, ...functions], validFor: /^[\w$]*$/ };
}
