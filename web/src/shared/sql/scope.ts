/**
 * What the names in an unfinished query stand for. It reads tokens, not grammar: half of a query is the usual case, and
 * a wrong guess costs a proposal, nothing else.
 */

export interface Column {
  name: string;
  type: string;
}

/** A relation as the query knows it; `path` is the name behind an alias. */
export interface Visible {
  name: string;
  path: readonly string[];
  columns: readonly Column[];
}

interface Token {
  text: string;
  word: string;
  name: boolean;
  from: number;
  depth: number;
}

const NOTHING: Token = { text: "", word: "", name: false, from: 0, depth: -1 };
const tokenAt = (tokens: readonly Token[], index: number): Token => tokens[index] ?? NOTHING;

/** The columns of a relation by its path, or null if nobody knows it. */
export type Lookup = (path: readonly string[]) => readonly Column[] | null;

const PATTERN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|[A-Za-z_][\w$]*|\S/g;
const RESERVED = new Set(
  "as on using where group order having limit offset fetch window union except intersect join inner left right full cross natural lateral select from for tablesample with values".split(
    " ",
  ),
);
const ENDS = new Set(["where", "group", "order", "having", "limit", "offset", "fetch", "window", "select"]);
const SETS = new Set(["union", "except", "intersect", ";"]);

function tokenize(sql: string): Token[] {
  const found: Token[] = [];
  let depth = 0;
  for (const match of sql.matchAll(PATTERN)) {
    const text = match[0];
    if (text.startsWith("--") || text.startsWith("/*")) continue;
    if (text === ")") depth = Math.max(0, depth - 1);
    const word = text.toLowerCase();
    const name = text.startsWith('"') || (/^[a-z_]/i.test(text) && !RESERVED.has(word));
    found.push({ text, word, name, from: match.index, depth });
    if (text === "(") depth += 1;
  }
  return found;
}

function unquoted(token: Token): string {
  return token.text.startsWith('"')
    ? token.text.replace(/^"|"$/g, "").replaceAll('""', '"')
    : token.text.toLowerCase();
}

/** What can be named at a place of a text: the relations of the query around it, the nearest first. */
export function visibleAt(sql: string, place: number, lookup: Lookup): Visible[] {
  const tokens = tokenize(sql);
  const known = withQueries(tokens, lookup);
  const before = tokens.filter(({ from, text }) => from + text.length <= place);
  const found: Visible[] = [];
  let index = before.length;
  for (let depth = depthAfter(before); depth >= 0; depth -= 1) {
    found.push(...relationsOf(segment(tokens, index, depth), depth, known));
    while (index > 0 && tokenAt(tokens, index - 1).depth >= depth) index -= 1;
  }
  return found;
}

function depthAfter(before: readonly Token[]): number {
  const last = before.at(-1);
  return last === undefined ? 0 : last.depth + (last.text === "(" ? 1 : 0);
}

/** The tokens of one query of a depth around a place, its subqueries with it. */
function segment(tokens: readonly Token[], index: number, depth: number): Token[] {
  const foreign = (token: Token): boolean =>
    token.depth < depth || (token.depth === depth && SETS.has(token.word));
  let first = index;
  let last = index;
  while (first > 0 && !foreign(tokenAt(tokens, first - 1))) first -= 1;
  while (last < tokens.length && !foreign(tokenAt(tokens, last))) last += 1;
  return tokens.slice(first, last);
}

/** The relations that a query's FROM names. */
function relationsOf(tokens: readonly Token[], depth: number, lookup: Lookup): Visible[] {
  const found: Visible[] = [];
  let inside = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokenAt(tokens, at);
    if (token.depth !== depth) continue;
    if (token.word === "from" || token.word === "join") inside = true;
    else if (ENDS.has(token.word)) inside = false;
    else if (token.text !== "," || !inside) continue;
    if (!inside) continue;
    const item = readItem(tokens, at + 1, lookup);
    if (item !== null) found.push(item);
  }
  return found;
}

function readItem(tokens: readonly Token[], start: number, lookup: Lookup): Visible | null {
  let at = start;
  while (["lateral", "only"].includes(tokens[at]?.word ?? "")) at += 1;
  const first = tokens[at];
  if (first === undefined) return null;
  if (first.text === "(") {
    const end = closing(tokens, at);
    const columns = outputs(tokens.slice(at + 1, end), first.depth + 1, lookup);
    const alias = aliasAt(tokens, end + 1);
    return alias === null ? null : { name: alias, path: [], columns };
  }
  if (!first.name) return null;
  const path = [unquoted(first)];
  while (tokens[at + 1]?.text === "." && tokens[at + 2]?.name === true) {
    path.push(unquoted(tokenAt(tokens, at + 2)));
    at += 2;
  }
  const columns = lookup(path);
  return { name: aliasAt(tokens, at + 1) ?? path.at(-1) ?? "", path, columns: columns ?? [] };
}

function aliasAt(tokens: readonly Token[], at: number): string | null {
  const token = tokens[at]?.word === "as" ? tokens[at + 1] : tokens[at];
  return token?.name === true ? unquoted(token) : null;
}

/** The index of the parenthesis that closes the one at an index, or the end. */
function closing(tokens: readonly Token[], open: number): number {
  const depth = tokenAt(tokens, open).depth;
  const end = tokens.findIndex((token, index) => index > open && token.text === ")" && token.depth === depth);
  return end === -1 ? tokens.length : end;
}

/** A lookup that also knows the queries of WITH clauses, with the columns that they give. */
function withQueries(tokens: readonly Token[], lookup: Lookup): Lookup {
  const queries = new Map<string, readonly Column[]>();
  const known: Lookup = (path) =>
    (path.length === 1 ? queries.get(path[0] ?? "") : undefined) ?? lookup(path);
  tokens.forEach((token, index) => {
    if (!token.name || !["with", "recursive", ","].includes(tokens[index - 1]?.word ?? "")) return;
    let at = index + 1;
    let named: Column[] | null = null;
    if (tokens[at]?.text === "(") {
      const end = closing(tokens, at);
      named = tokens
        .slice(at + 1, end)
        .filter(({ name }) => name)
        .map((each) => ({ name: unquoted(each), type: "" }));
      at = end + 1;
    }
    if (tokens[at]?.word !== "as") return;
    while (["as", "not", "materialized"].includes(tokens[at]?.word ?? "")) at += 1;
    if (tokens[at]?.text !== "(") return;
    const body = tokens.slice(at + 1, closing(tokens, at));
    queries.set(unquoted(token), named ?? outputs(body, token.depth + 1, known));
  });
  return known;
}

/** The columns that a query gives, as far as its select list tells. */
function outputs(tokens: readonly Token[], depth: number, lookup: Lookup): Column[] {
  const own = tokens.findIndex((token) => token.depth === depth && SETS.has(token.word));
  const query = own === -1 ? tokens : tokens.slice(0, own);
  const start = query.findIndex((token) => token.depth === depth && token.word === "select");
  if (start === -1) return [];
  const end = query.findIndex(
    (token, index) => index > start && token.depth === depth && token.word === "from",
  );
  const relations = relationsOf(query, depth, lookup);
  return items(query.slice(start + 1, end === -1 ? undefined : end), depth).flatMap((item) =>
    columnsOf(item, relations),
  );
}

function items(tokens: readonly Token[], depth: number): Token[][] {
  const found: Token[][] = [[]];
  for (const token of tokens) {
    if (token.depth === depth && token.text === ",") found.push([]);
    else found.at(-1)?.push(token);
  }
  return found;
}

function columnsOf(item: readonly Token[], relations: readonly Visible[]): Column[] {
  const last = item.at(-1);
  if (last === undefined) return [];
  if (last.text === "*") {
    const of = item.length >= 3 ? unquoted(item.at(-3) ?? NOTHING) : null;
    return relations.filter(({ name }) => of === null || name === of).flatMap(({ columns }) => [...columns]);
  }
  if (!last.name) return [];
  const name = unquoted(last);
  const plain = item.length === 1 || (item.length === 3 && tokenAt(item, 1).text === ".");
  const source = plain
    ? relations.flatMap(({ columns }) => columns).find((column) => column.name === name)
    : undefined;
  return [{ name, type: source?.type ?? "" }];
}
