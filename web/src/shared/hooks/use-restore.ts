import { useUndropTable, type TableName } from "../../api/queries/tables";
import { tablesTexts as t } from "../texts/table";
import { useToast } from "./use-toast";

type Dropped = TableName & { id: number; qualified_name: string };

/** Bring back a dropped table, and say so. */
export function useRestore(): { restore: (table: Dropped) => Promise<void>; isPending: boolean } {
  const undrop = useUndropTable();
  const toast = useToast();
  return {
    isPending: undrop.isPending,
    restore: async ({ id, schema_name, name, qualified_name }) => {
      await undrop.mutateAsync({ id, schema_name, name });
      toast.done(t.restored(qualified_name));
    },
  };
}
