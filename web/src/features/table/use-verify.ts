import { useVerifyTable } from "../../api/queries/tables";
import type { TableDetail } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { tableTexts as t } from "../../shared/texts/table";

/** Compare a table with its definition, and say the result. */
export function useVerify(table: TableDetail): { run: () => void; isPending: boolean } {
  const verify = useVerifyTable();
  const toast = useToast();
  return {
    isPending: verify.isPending,
    run: () =>
      verify.mutate(table, {
        onSuccess: ({ verifications }) => {
          const different = verifications?.find(({ equal }) => !equal);
          if (different === undefined) toast.done(t.equal(table.name));
          else toast.warn(t.unequal(different.name, different.missing_rows, different.extra_rows));
        },
        onError: toast.failed,
      }),
  };
}
