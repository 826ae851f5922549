/** Stretches of time. */
export const rangeTexts = {
  window: "Window",
  own: "From – to",
  choose: "Choose from when to when",
  pick: (shown: string) => `${shown}: choose from when to when`,
  from: "From",
  to: "To",
  apply: "Show",
  zone: (name: string) => `Times are in ${name}`,
  zoneHint: "The time zone of all times shown here",
  backwards: "It must end after it begins",
} as const;
