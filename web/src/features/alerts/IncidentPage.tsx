import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { incidentQuery, useAcknowledgeIncident } from "../../api/queries/alerts";
import { useToast } from "../../shared/hooks/use-toast";
import { duration } from "../../shared/lib/format";
import { alertPageTexts as t, alertTexts, incidentTitle } from "../../shared/texts/alerts";
import { Ago, Instant } from "../../shared/ui/Ago";
import { Facts } from "../../shared/ui/Facts";
import { Page } from "../../shared/ui/Page";
import { Panel } from "../../shared/ui/Panel";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Empty, Loaded } from "../../shared/ui/States";
import { AlertTable } from "../../shared/alerts/AlertTable";
import { Deliveries } from "./Deliveries";
import { Severity } from "../../shared/alerts/Severity";
import { Timeline } from "./Timeline";

/** One incident: its alerts, what happened, who was told. */
export function IncidentPage({ id }: { id: number }): React.ReactElement {
  const query = useQuery(incidentQuery(id));
  const acknowledge = useAcknowledgeIncident();
  const toast = useToast();
  const incident = query.data?.incident;
  return (
    <Page
      title={alertTexts.incident(id)}
      subtitle={incident ? incidentTitle(incident) : null}
      badge={incident ? <Severity of={incident.labels["severity"]} /> : null}
      actions={
        incident?.resolved_at === null ? (
          <RoleButton
            needs="operator"
            variant="contained"
            disabled={acknowledge.isPending}
            onClick={() =>
              acknowledge.mutate(id, {
                onSuccess: ({ alerts }) => toast.done(alertTexts.acknowledged(alerts.length)),
                onError: toast.failed,
              })
            }
          >
            {t.acknowledgeAll}
          </RoleButton>
        ) : null
      }
    >
      <Loaded query={query} lines={8}>
        {({ incident: { opened_at, resolved_at, ...rest }, alerts, timeline, deliveries }) => (
          <Box sx={COLUMNS}>
            <Box sx={COLUMN}>
              <Panel title={t.alerts} flush>
                <AlertTable label={t.alerts} alerts={alerts} />
              </Panel>
              <Panel title={t.deliveries} flush>
                {deliveries.length > 0 ? <Deliveries of={deliveries} /> : <Empty title={t.noDeliveries} />}
              </Panel>
            </Box>
            <Box sx={COLUMN}>
              <Panel>
                <Facts
                  items={[
                    [t.open, <Instant key="open" at={opened_at} />],
                    [t.ended, resolved_at ? <Instant key="end" at={resolved_at} /> : "–"],
                    ...(resolved_at
                      ? [
                          [
                            t.lasted,
                            duration((Date.parse(resolved_at) - Date.parse(opened_at)) / 1_000),
                          ] as const,
                        ]
                      : []),
                    [
                      t.ack,
                      rest.acknowledged_by ? (
                        <span key="ack">
                          {rest.acknowledged_by}, <Ago at={rest.acknowledged_at} />
                        </span>
                      ) : (
                        t.nobody
                      ),
                    ],
                  ]}
                />
              </Panel>
              <Panel title={t.timeline} flush>
                <Timeline events={timeline} />
              </Panel>
            </Box>
          </Box>
        )}
      </Loaded>
    </Page>
  );
}

const COLUMNS = {
  display: "grid",
  gap: 2,
  gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 1fr) 380px" },
} as const;
const COLUMN = { display: "flex", flexDirection: "column", gap: 2, minWidth: 0 } as const;
