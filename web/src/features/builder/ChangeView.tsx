import type { Schemas } from "../../api/types";
import { words } from "../../shared/lib/status";
import { builderTexts as t } from "../../shared/texts/builder";
import { Facts } from "../../shared/ui/Facts";
import { Empty } from "../../shared/ui/States";

/** What replacing an existing table would change. */
export function ChangeView({ change }: { change: Schemas["DraftChange"] | null }): React.ReactElement {
  if (change === null) return <Empty title="This is a new table" hint="Nothing that exists would change." />;
  const list = (names: readonly string[]): string => (names.length === 0 ? t.noneChange : names.join(", "));
  return (
    <Facts
      items={[
        ["Table", change.table],
        [t.added, list(change.columns_added)],
        [t.removed, list(change.columns_removed)],
        [t.retyped, list(change.columns_retyped)],
        [
          t.modeChange,
          change.mode_before === change.mode_after
            ? words(change.mode_after)
            : `${words(change.mode_before)} → ${words(change.mode_after)}`,
        ],
        [t.rebuilt, list(change.reinitialized)],
      ]}
    />
  );
}
