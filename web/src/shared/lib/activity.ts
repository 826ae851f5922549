import type { Schemas } from "../../api/types";
import { duration } from "./format";
import { words } from "./status";

type Detail = Record<string, unknown>;

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
const list = (value: unknown): string => (Array.isArray(value) ? value.map(plain).join(", ") : plain(value));

const SENTENCES: Record<string, (detail: Detail) => string> = {
  CREATE: (detail) => `created it, refreshed ${mode(detail)}`,
  REPLACE: (detail) => `gave it a new definition, refreshed ${mode(detail)}`,
  ALTER: ({ changes }) => `changed its definition: ${list(changes)}`,
  CLONE: ({ source }) => `made it as a copy of ${plain(source)}`,
  DROP: () => "dropped it",
  UNDROP: () => "brought it back",
  RENAME: ({ to }) => `renamed it to ${plain(to)}`,
  SWAP: ({ was }) => `exchanged it with ${plain(was)}`,
  SUSPEND: ({ reason, failures }) =>
    failures === undefined
      ? "suspended it"
      : `suspended it after ${plain(failures)} failures (${words(plain(reason)).toLowerCase()})`,
  RESUME: ({ reason }) => (reason === undefined ? "resumed it" : `resumed it: ${plain(reason)}`),
  SET: settings,
  UNSET: ({ options }) => `returned ${list(options)} to the default`,
  GRANT: ({ privileges, to }) => `granted ${list(privileges)} to ${plain(to)}`,
  REVOKE: ({ privileges, of }) => `revoked ${list(privileges)} from ${plain(of)}`,
  COMMENT: ({ columns }) => `commented columns: ${Object.keys(columns ?? {}).join(", ")}`,
  END_SESSION: ({ process, user }) =>
    `ended session ${plain(process)} of ${plain(user)}, which held its refresh up`,
  "REPAIR CAPTURE": () => "repaired the capture of its changes",
};

function mode({ effective_mode, target_lag_seconds }: Detail): string {
  const how = effective_mode === "FULL" ? "in full" : "incrementally";
  return typeof target_lag_seconds === "number" ? `${how}, at most ${duration(target_lag_seconds)} old` : how;
}

function settings(detail: Detail): string {
  const parts = Object.entries(detail).map(([name, value]) => {
    if (name === "target_lag_seconds") {
      return Number.isNaN(Number(value))
        ? "made it follow what reads it"
        : `set its target lag to ${duration(Number(value))}`;
    }
    if (name === "scheduled") return value === "True" ? "let it be scheduled" : "took it from the schedule";
    if (name === "comment") return `commented it: ${plain(value)}`;
    return `changed ${words(name).toLowerCase()}`;
  });
  const rest = parts.filter((part) => part !== "let it be scheduled");
  return (rest.length > 0 ? rest : parts).join(", ");
}

/** What was done, as a sentence without its subject. */
export function sentence({ action, detail }: Pick<Schemas["AuditEntry"], "action" | "detail">): string {
  const known = SENTENCES[action];
  if (known !== undefined) return known(detail);
  const rest = Object.entries(detail).map(([name, value]) => `${words(name).toLowerCase()} ${plain(value)}`);
  return [words(action).toLowerCase(), ...rest].join(", ");
}
