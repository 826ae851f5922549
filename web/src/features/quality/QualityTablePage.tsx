import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { scoresQuery } from "../../api/queries/quality";
import { tablePath } from "../../shared/lib/paths";
import { QualityView } from "../../shared/quality/QualityView";
import { qualityTexts as t } from "../../shared/texts/quality";
import { Page } from "../../shared/ui/Page";
import { Score } from "../../shared/ui/Score";

/** The quality of one table, dynamic or not. */
export function QualityTablePage(): React.ReactElement {
  const { schema = "", name = "" } = useParams();
  const table = { schema_name: schema, name };
  const scored = useQuery(scoresQuery()).data?.find(
    (each) => each.schema_name === schema && each.name === name,
  );
  return (
    <Page
      title={name}
      subtitle={schema}
      badge={scored ? <Score score={scored.latest?.score} health={scored.latest?.health} words /> : null}
      actions={
        scored?.dynamic ? (
          <Button component={Link} to={tablePath(table)}>
            {t.tableLink}
          </Button>
        ) : null
      }
    >
      <QualityView key={`${schema}.${name}`} table={table} />
    </Page>
  );
}
