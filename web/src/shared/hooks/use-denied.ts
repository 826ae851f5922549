import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../../api/queries/auth";
import type { Schemas } from "../../api/types";
import { common } from "../texts/common";

export type Role = Schemas["Me"]["role"];

const ORDER: readonly string[] = ["viewer", "operator", "editor", "admin"];

/** Why who is signed in may not do what needs a role; null if they may. */
export function useDenied(needs: Role): string | null {
  const { data } = useQuery(meQuery());
  if (data === undefined || ORDER.indexOf(data.role) >= ORDER.indexOf(needs)) return null;
  return common.denied(needs, data.role);
}
