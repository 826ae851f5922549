import { QualityView } from "../../../shared/quality/QualityView";
import type { TabProps } from "../TablePage";

/** The rules of the table, and what they found. */
export function QualityTab({ table }: TabProps): React.ReactElement {
  return <QualityView table={table} />;
}
