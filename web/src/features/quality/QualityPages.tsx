import { useParams } from "react-router";
import { NewRulePage } from "./NewRulePage";
import { QualityPage } from "./QualityPage";
import { QualityTablePage } from "./QualityTablePage";

/** All pages of quality, which come together when one is asked for: of a table, the form of a rule, or the overview. */
export function QualityPages(): React.ReactElement {
  const { schema, name } = useParams();
  if (name !== undefined) return <QualityTablePage />;
  return schema === "new" ? <NewRulePage /> : <QualityPage />;
}
