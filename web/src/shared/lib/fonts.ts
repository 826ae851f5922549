/** The two families of the app; both are shipped with it. */
export const SANS = '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif';
export const MONO = '"JetBrains Mono Variable", ui-monospace, "SF Mono", Menlo, Consolas, monospace';

/** Code is shown sign by sign: ">=" is two of them. */
export const CODE = { fontFamily: MONO, fontVariantLigatures: "none" } as const;
