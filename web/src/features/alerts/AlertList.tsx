import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { alertsQuery, useDeed, type Alert } from "../../api/queries/alerts";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { incidentPath } from "../../shared/lib/paths";
import { alertTexts as t } from "../../shared/texts/alerts";
import { common } from "../../shared/texts/common";
import { Panel } from "../../shared/ui/Panel";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Select } from "../../shared/ui/Select";
import { Empty, Loaded } from "../../shared/ui/States";
import { AlertTable } from "../../shared/alerts/AlertTable";
import { filterAlerts, groupAlerts, NO_FILTERS, type Filters } from "./grouping";
import { SEVERITY_ORDER, severityLook } from "../../shared/alerts/looks";

const MOST_SHOWN = 300;

/** What fires, in groups; filters and grouping are in the address. */
export function AlertList(): React.ReactElement {
  const [filters, setFilters] = useUrlState(NO_FILTERS);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = useQuery(alertsQuery(["all", "resolved"].includes(filters.state)));
  const found = useMemo(() => filterAlerts(query.data ?? [], filters), [query.data, filters]);
  const groups = useMemo(() => groupAlerts(found.slice(0, MOST_SHOWN), filters.by), [found, filters.by]);
  const firing = found.filter(({ fingerprint, state }) => chosen.has(fingerprint) && state === "firing");

  function choose(fingerprints: readonly string[], on: boolean): void {
    setChosen((before) => {
      const next = new Set(before);
      fingerprints.forEach((each) => (on ? next.add(each) : next.delete(each)));
      return next;
    });
  }

  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <FilterBar filters={filters} onChange={setFilters} />
      {chosen.size > 0 ? <BulkBar alerts={firing} onDone={() => setChosen(new Set())} /> : null}
      <Loaded
        query={query}
        lines={8}
        isEmpty={(data) => data.length === 0}
        empty={
          <Panel>
            <Empty title={t.none} hint={t.noneHint} />
          </Panel>
        }
      >
        {() =>
          groups.length === 0 ? (
            <Panel>
              <Empty title={t.noMatch} />
            </Panel>
          ) : (
            <>
              {groups.map(({ key, title, incident, alerts }) => (
                <Panel
                  key={key}
                  title={title}
                  flush
                  aside={
                    incident === null ? null : (
                      <Button
                        component={Link}
                        to={incidentPath(incident)}
                        aria-label={`${t.show} ${t.incident(incident)}`}
                      >
                        {t.show}
                      </Button>
                    )
                  }
                >
                  <AlertTable label={title} alerts={alerts} chosen={chosen} onChoose={choose} />
                </Panel>
              ))}
              {found.length > MOST_SHOWN ? (
                <Typography variant="body2" color="textSecondary">
                  {t.more(found.length - MOST_SHOWN)}
                </Typography>
              ) : null}
            </>
          )
        }
      </Loaded>
    </Box>
  );
}

function FilterBar({
  filters,
  onChange,
}: {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}): React.ReactElement {
  const severities = SEVERITY_ORDER.map((each) => [each, severityLook(each).label] as const);
  const states = Object.entries(t.states).filter(([key]) => key !== "normal");
  return (
    <Box role="search" sx={{ display: "flex", flexWrap: "wrap", gap: 1.5 }} data-page-search>
      <TextField
        placeholder={t.search}
        value={filters.q}
        onChange={(event) => onChange({ q: event.target.value })}
        sx={{ flex: 1, minWidth: 220 }}
        slotProps={{ htmlInput: { "aria-label": t.search } }}
      />
      <Select
        label={t.severity}
        value={filters.severity}
        options={[["", t.any], ...severities]}
        onChange={(severity) => onChange({ severity })}
      />
      <Select
        label={t.state}
        value={filters.state}
        options={[["open", t.openOnes], ["all", t.everything], ...states]}
        onChange={(state) => onChange({ state })}
      />
      <Select label={t.groupBy} value={filters.by} options={t.groups} onChange={(by) => onChange({ by })} />
    </Box>
  );
}

function BulkBar({ alerts, onDone }: { alerts: readonly Alert[]; onDone: () => void }): React.ReactElement {
  const deed = useDeed();
  const toast = useToast();
  return (
    <Card role="toolbar" aria-label={t.selected(alerts.length)} sx={BAR}>
      <Typography variant="body2" sx={{ fontWeight: 580 }}>
        {t.selected(alerts.length)}
      </Typography>
      <RoleButton
        needs="operator"
        disabled={deed.isPending || alerts.length === 0}
        onClick={() =>
          deed.mutate(
            {
              fingerprints: alerts.map(({ fingerprint }) => fingerprint),
              deed: "acknowledge",
              body: {},
            },
            {
              onSuccess: () => {
                toast.done(t.acknowledged(alerts.length));
                onDone();
              },
              onError: toast.failed,
            },
          )
        }
      >
        {t.acknowledge}
      </RoleButton>
      <Box sx={{ flex: 1 }} />
      <Button color="inherit" onClick={onDone}>
        {common.cancel}
      </Button>
    </Card>
  );
}

const BAR = { display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center", px: 2, py: 0.75 } as const;
