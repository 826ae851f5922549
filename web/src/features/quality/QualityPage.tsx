import AddIcon from "@mui/icons-material/Add";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { failingQuery, scoresQuery } from "../../api/queries/quality";
import { ruleFormPath } from "../../shared/lib/paths";
import { qualityTexts as t } from "../../shared/texts/quality";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded } from "../../shared/ui/States";
import { FailingList } from "./FailingList";
import { QualityTiles } from "./QualityTiles";
import { ScoreTable } from "./ScoreTable";

/** What fails, where, and since when: one score for each table that has rules. */
export function QualityPage(): React.ReactElement {
  const tables = useQuery(scoresQuery());
  const failing = useQuery(failingQuery());
  const action = (
    <Button component={Link} to={ruleFormPath()} variant="contained" startIcon={<AddIcon />}>
      {t.newRule}
    </Button>
  );
  return (
    <Page title={t.title} subtitle={t.subtitle} actions={action}>
      <Loaded
        query={tables}
        lines={8}
        isEmpty={(data) => data.length === 0}
        empty={
          <Panel>
            <Empty title={t.none} hint={t.noneHint} action={action} />
          </Panel>
        }
      >
        {(data) => (
          <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
            <QualityTiles tables={data} />
            <Panel title={t.fell} flush>
              <Loaded query={failing} lines={3}>
                {({ items }) => <FailingList rules={items} />}
              </Loaded>
            </Panel>
            <Panel title={t.tables} flush>
              <ScoreTable tables={data} />
            </Panel>
          </Box>
        )}
      </Loaded>
    </Page>
  );
}
