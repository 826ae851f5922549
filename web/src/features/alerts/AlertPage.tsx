import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink } from "react-router";
import { alertDeliveriesQuery, alertQuery, measureQuery, type Alert } from "../../api/queries/alerts";
import type { Schemas } from "../../api/types";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { compact } from "../../shared/lib/format";
import { alertPath, incidentPath, splitName, tablePath } from "../../shared/lib/paths";
import { alertPageTexts as t, alertTexts } from "../../shared/texts/alerts";
import { Ago } from "../../shared/ui/Ago";
import { Facts } from "../../shared/ui/Facts";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { Select } from "../../shared/ui/Select";
import { Empty, Loaded, Loading } from "../../shared/ui/States";
import { AlertActions } from "./AlertActions";
import { AlertTable } from "../../shared/alerts/AlertTable";
import { Deliveries } from "./Deliveries";
import { marksOf, subjectOf } from "../../shared/alerts/looks";
import { MeasureChart } from "./MeasureChart";
import { Severity } from "../../shared/alerts/Severity";
import { Timeline } from "./Timeline";

/** Why one alert fires, what follows from it, who was told, and who is at it. */
export function AlertPage({ fingerprint }: { fingerprint: string }): React.ReactElement {
  const query = useQuery(alertQuery(fingerprint));
  const alert = query.data?.alert;
  return (
    <Page
      title={alert ? subjectOf(alert.labels) : alertTexts.alert}
      subtitle={alert?.text}
      badge={
        alert ? (
          <>
            <Severity of={alert.labels["severity"]} />
            <span>{alertTexts.states[alert.state]}</span>
          </>
        ) : null
      }
      actions={alert ? <AlertActions alert={alert} /> : null}
    >
      <Loaded query={query} lines={8}>
        {(data) => <Content detail={data} />}
      </Loaded>
    </Page>
  );
}

function Content({ detail }: { detail: Schemas["AlertDetail"] }): React.ReactElement {
  const { alert, cause, follows, history } = detail;
  const deliveries = useQuery(alertDeliveriesQuery(alert.fingerprint));
  return (
    <Box sx={COLUMNS}>
      <Box sx={COLUMN}>
        <Why alert={alert} />
        <Panel title={follows.length > 0 ? `${t.followers} (${follows.length})` : t.followers} flush>
          {follows.length > 0 ? (
            <AlertTable label={t.followers} alerts={follows} />
          ) : (
            <Empty title={t.noFollowers} />
          )}
        </Panel>
        <Panel title={t.deliveries} flush>
          <Loaded
            query={deliveries}
            isEmpty={(data) => data.length === 0}
            empty={<Empty title={t.noDeliveries} />}
          >
            {(data) => <Deliveries of={data} />}
          </Loaded>
        </Panel>
      </Box>
      <Box sx={COLUMN}>
        <About alert={alert} cause={cause} />
        <Panel title={t.timeline} flush>
          <Timeline events={history} />
        </Panel>
      </Box>
    </Box>
  );
}

function Why({ alert }: { alert: Alert }): React.ReactElement {
  const [{ hours }, setState] = useUrlState({ hours: "6" });
  const query = useQuery(measureQuery(alert.fingerprint, Number(hours) || 6));
  return (
    <Panel
      title={t.why}
      aside={
        <Select
          label={t.hours}
          value={hours}
          options={t.stretches}
          onChange={(next) => setState({ hours: next })}
        />
      }
    >
      <Loaded query={query} lines={5}>
        {(data) => {
          const [table] = data.tables;
          if (data.why_not !== null) return <Empty title={alert.text} hint={t.noMeasure(data.why_not)} />;
          return table ? <MeasureChart of={data} table={table} /> : <Loading lines={5} />;
        }}
      </Loaded>
    </Panel>
  );
}

function About({ alert, cause }: { alert: Alert; cause: Alert | null }): React.ReactElement {
  const table = alert.labels["table"] ? splitName(alert.labels["table"]) : null;
  const marks = marksOf(alert);
  return (
    <Panel title={alertTexts.alert}>
      <Facts
        items={[
          [alertTexts.since, <Ago key="since" at={alert.since} />],
          [
            t.rule,
            <Link
              key="rule"
              component={RouterLink}
              to={`/alerts/rules?rule=${encodeURIComponent(alert.labels["rule"] ?? "")}`}
            >
              {alert.labels["rule"]}
            </Link>,
          ],
          ...(table
            ? [
                [
                  t.table,
                  <Link key="table" component={RouterLink} to={tablePath(table)}>
                    {table.schema_name}.{table.name}
                  </Link>,
                ] as const,
              ]
            : []),
          [t.value, compact(alert.value)],
          [
            t.cause,
            cause ? (
              <Link key="cause" component={RouterLink} to={alertPath(cause.fingerprint)}>
                {subjectOf(cause.labels)}: {cause.text}
              </Link>
            ) : (
              t.causeNone
            ),
          ],
          ...(alert.incident_id === null
            ? []
            : [
                [
                  alertTexts.tabs["incidents"] ?? "",
                  <Link key="incident" component={RouterLink} to={incidentPath(alert.incident_id)}>
                    {alertTexts.incident(alert.incident_id)}
                  </Link>,
                ] as const,
              ]),
          ...(marks.length > 0 ? [[alertTexts.who, marks.join(" · ")] as const] : []),
          ...(alert.acknowledged?.note ? [[t.note, alert.acknowledged.note] as const] : []),
          ...(alert.runbook ? [[t.runbook, <Runbook key="runbook" to={alert.runbook} />] as const] : []),
        ]}
      />
      {table ? (
        <Box sx={{ display: "flex", gap: 1, mt: 1.5 }}>
          <Button component={RouterLink} to={tablePath(table, "refreshes")}>
            {t.refreshes}
          </Button>
          <Button component={RouterLink} to={tablePath(table, "lineage")}>
            {t.lineage}
          </Button>
        </Box>
      ) : null}
    </Panel>
  );
}

/** A page of the docs that come with the server, or an address of the web; anything else is text. */
function Runbook({ to }: { to: string }): React.ReactElement {
  const docs = /^docs\/([a-z_/-]+)\.md$/.exec(to);
  const href = docs ? `/docs/${docs[1] ?? ""}` : /^https?:\/\//.test(to) ? to : null;
  return href === null ? (
    <span>{to}</span>
  ) : (
    <Link href={href} target="_blank" rel="noreferrer">
      {to}
    </Link>
  );
}

const COLUMNS = {
  display: "grid",
  gap: 2,
  gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 1fr) 360px" },
} as const;
const COLUMN = { display: "flex", flexDirection: "column", gap: 2, minWidth: 0 } as const;
