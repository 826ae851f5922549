import AddIcon from "@mui/icons-material/Add";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { preparationQuery, overviewQuery } from "../../api/queries/overview";
import type { Schemas } from "../../api/types";
import { overviewTexts as t } from "../../shared/texts/overview";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Empty, Loaded, Loading } from "../../shared/ui/States";
import { AttentionList } from "./AttentionList";
import { Machinery } from "./Machinery";
import { RunningList } from "./RunningList";
import { StatusTiles } from "./StatusTiles";
import { Verdict } from "./Verdict";

const ChangeRate = lazy(() => import("./ChangeRate").then((m) => ({ default: m.ChangeRate })));
const Recommendations = lazy(() => import("./Recommendations").then((m) => ({ default: m.Recommendations })));
const PreparationProgress = lazy(() =>
  import("./PreparationProgress").then((m) => ({ default: m.PreparationProgress })),
);

const OpenIncidents = lazy(() => import("./OpenIncidents").then((m) => ({ default: m.OpenIncidents })));

/** Is everything fresh, and if not, which one object is to blame? */
export function OverviewPage(): React.ReactElement {
  const overview = useQuery(overviewQuery());
  const preparation = useQuery(preparationQuery());
  const preparing =
    preparation.data?.active === true && (!preparation.data.ready || preparation.data.error !== null)
      ? preparation.data
      : null;
  return (
    <Page title={t.title}>
      <Suspense fallback={null}>
        {preparing ? <PreparationProgress preparation={preparing} /> : null}
      </Suspense>
      <Loaded query={overview} lines={8}>
        {(data) => (tableCount(data) === 0 ? preparing ? null : <NoTables /> : <Content data={data} />)}
      </Loaded>
    </Page>
  );
}

function tableCount({ counts }: Schemas["Overview"]): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

function Content({ data }: { data: Schemas["Overview"] }): React.ReactElement {
  return (
    <>
      <Verdict overview={data} />
      <StatusTiles overview={data} />
      <Box sx={COLUMNS}>
        <Box sx={COLUMN}>
          <Suspense fallback={null}>
            <OpenIncidents />
          </Suspense>
          <Panel title={t.attention} flush>
            <AttentionList items={data.attention} />
          </Panel>
          <Panel title={t.running} flush>
            <RunningList items={data.running} />
          </Panel>
          <Panel title={t.rate}>
            <Suspense fallback={<Loading lines={5} />}>
              <ChangeRate />
            </Suspense>
          </Panel>
        </Box>
        <Box sx={COLUMN}>
          <Machinery overview={data} />
          <Suspense fallback={null}>
            <Recommendations />
          </Suspense>
        </Box>
      </Box>
    </>
  );
}

function NoTables(): React.ReactElement {
  return (
    <Panel>
      <Empty
        title={t.empty}
        hint={t.emptyHint}
        action={
          <Button component={Link} to="/builder" variant="contained" startIcon={<AddIcon />}>
            {t.build}
          </Button>
        }
      />
    </Panel>
  );
}

const COLUMNS = {
  display: "grid",
  gap: 2,
  gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 1fr) 340px" },
} as const;
const COLUMN = { display: "flex", flexDirection: "column", gap: 2, minWidth: 0 } as const;
