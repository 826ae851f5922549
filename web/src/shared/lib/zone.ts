/** The time zone in which the browser prints instants, such as `Europe/Berlin`. */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zone in short as of an instant, such as `CET` or `GMT-3`. */
export function zoneShort(at: number): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(at);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

/** An instant as a field for date and time has it, to the second. */
export function toField(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The instant of such a field; NaN if it has none. */
export function fromField(text: string): number {
  return text === "" ? NaN : new Date(text).getTime();
}
