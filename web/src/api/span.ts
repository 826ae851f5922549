/** A stretch of time: the last so many seconds, or from one instant to another, in milliseconds. */
export type Span = { seconds: number } | { from: number; to: number };

/** Both ends of a stretch, as it is now. */
export interface Stretch {
  begin: number;
  end: number;
}

/** Where a stretch begins and ends, at present. */
export function stretchOf(span: Span): Stretch {
  if ("from" in span) return { begin: span.from, end: span.to };
  const end = Date.now();
  return { begin: end - span.seconds * 1_000, end };
}

/** A stretch as the API takes it. */
export function between({ begin, end }: Stretch): { begin: string; end: string } {
  return { begin: new Date(begin).toISOString(), end: new Date(end).toISOString() };
}

/** How often to ask again: what is over does not change. */
export function renewal(span: Span): number | false {
  return "from" in span ? false : 10_000;
}
