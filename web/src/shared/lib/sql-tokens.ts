export type TokenKind = "keyword" | "string" | "number" | "comment" | "text";

export interface Token {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(
  `add all alter and any as asc between by case cast column comment create cross current day desc distinct downstream drop dynamic
  else end except exists extract fetch filter first following for from full grouping group having hour in incremental initialize
  inner intersect interval into is join lag last lateral left like limit minute month not null nulls offset on or order outer over
  partition preceding range refresh_mode replace right rollup row rows second select set sets similar table target_lag then to
  true false union unbounded update using values view when where window with within year auto`
    .trim()
    .split(/\s+/),
);

const PATTERN =
  /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|("(?:[^"]|"")*")|(\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)/g;

/** Cut SQL into pieces to colour; it is for the eye, and understands nothing. */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  let end = 0;
  for (const match of sql.matchAll(PATTERN)) {
    if (match.index > end) found.push({ kind: "text", text: sql.slice(end, match.index) });
    found.push({ kind: kindOf(match), text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < sql.length) found.push({ kind: "text", text: sql.slice(end) });
  return found;
}

function kindOf([, comment, text, , number, word]: RegExpExecArray): TokenKind {
  if (comment !== undefined) return "comment";
  if (text !== undefined) return "string";
  if (number !== undefined) return "number";
  return word !== undefined && KEYWORDS.has(word.toLowerCase()) ? "keyword" : "text";
}
