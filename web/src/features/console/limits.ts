const USUAL = [100, 1_000, 10_000, 100_000];

/** How many rows may be shown: the usual numbers, up to what the server shows at most. */
export function limitsUpTo(most: number): number[] {
  return [...USUAL.filter((each) => each < most), most];
}

/** The limit of an address, if it may be chosen; otherwise a usual one. */
export function limitOf(text: string, most: number): number {
  const wanted = Number(text);
  return limitsUpTo(most).includes(wanted) ? wanted : Math.min(1_000, most);
}
