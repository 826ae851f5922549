import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Schemas } from "../../api/types";

type Names = Schemas["Completions"];

const FROM = /\b(?:from|join)\s+(?:only\s+)?([\w."]*)$/i;
const OPTION = /\b(target_lag|refresh_mode|initialize|dialect)\s*=\s*('?[\w ]*)$/i;

/** Offer what the schema alone does not know: values of options, functions, and whole names after FROM. */
export function completer(names: Names | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    return (
      optionValues(names, before, context) ?? relations(names, before, context) ?? functions(names, context)
    );
  };
}

function optionValues(
  names: Names | undefined,
  before: string,
  context: CompletionContext,
): CompletionResult | null {
  const match = OPTION.exec(before);
  if (match === null) return null;
  const wanted = match[1]?.toUpperCase() ?? "";
  const values = names?.options[wanted] ?? [];
  const from = context.pos - (match[2]?.length ?? 0);
  const quoted = (value: string): string =>
    /^[A-Z_]+$/.test(value) || value.startsWith("'") ? value : `'${value}'`;
  return values.length === 0
    ? null
    : { from, options: values.map((value) => ({ label: quoted(value), type: "enum" })) };
}

function relations(
  names: Names | undefined,
  before: string,
  context: CompletionContext,
): CompletionResult | null {
  const match = FROM.exec(before);
  if (match === null || names === undefined) return null;
  const options: Completion[] = names.schemas.flatMap((schema) =>
    schema.tables.map((table) => ({
      label: `${schema.name}.${table.name}`,
      type: "type",
      detail: table.kind.replaceAll("_", " ").toLowerCase(),
      boost: names.search_path.includes(schema.name) ? 2 : 1,
    })),
  );
  return { from: context.pos - (match[1]?.length ?? 0), options, validFor: /^[\w."]*$/ };
}

function functions(names: Names | undefined, context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(/\w{2,}$/);
  if (word === null || names === undefined) return null;
  const options = names.functions.map((name): Completion => ({
    label: name,
    apply: `${name}(`,
    type: "function",
    boost: -1,
  }));
  return { from: word.from, options, validFor: /^\w*$/ };
}
