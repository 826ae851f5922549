import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  readRoutes,
  routesQuery,
  usePutRoutes,
  whereToQuery,
  type RouteDocument,
} from "../../api/queries/alerting";
import { useDebounced } from "../../shared/hooks/use-debounced";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { duration } from "../../shared/lib/format";
import { alertingTexts as t } from "../../shared/texts/alerts";
import { common } from "../../shared/texts/common";
import { Panel } from "../../shared/ui/Panel";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Empty, ErrorState, Loaded } from "../../shared/ui/States";
import { RouteTree } from "./RouteTree";

/** Who is told of what: the tree, and a tester of it. */
export function RoutesPanel(): React.ReactElement {
  const query = useQuery(routesQuery());
  const [text, setText] = useState<string | null>(null);
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "3fr 2fr" } }}>
      <Panel
        title={t.tree}
        aside={
          text === null ? (
            <RoleButton
              needs="admin"
              onClick={() => setText(print(query.data))}
              disabled={query.data === undefined}
            >
              {t.edit}
            </RoleButton>
          ) : null
        }
      >
        <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
          {t.treeHint}
        </Typography>
        {text === null ? (
          <Loaded query={query} isEmpty={(data) => data === null} empty={<Empty title={t.noTree} />}>
            {(data) => (data ? <RouteTree root={data.route} /> : null)}
          </Loaded>
        ) : (
          <Editor text={text} onChange={setText} onClose={() => setText(null)} />
        )}
      </Panel>
      <Panel title={t.tester}>
        <Tester />
      </Panel>
    </Box>
  );
}

const EXAMPLE: RouteDocument = {
  route: {
    channel: "dashboard",
    group_by: ["rule"],
    routes: [{ name: "urgent", channel: "dashboard", matchers: ['severity="critical"'], group_wait: 0 }],
  },
  mute_timings: {},
};

function print(document: RouteDocument | null | undefined): string {
  return JSON.stringify(document ?? EXAMPLE, null, 2);
}

interface EditorProps {
  text: string;
  onChange: (text: string) => void;
  onClose: () => void;
}

function Editor({ text, onChange, onClose }: EditorProps): React.ReactElement {
  const put = usePutRoutes();
  const toast = useToast();
  const document = readRoutes(text);
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <TextField
        label={t.document}
        value={text}
        multiline
        minRows={12}
        maxRows={30}
        error={document === null}
        helperText={document === null ? t.notJson : " "}
        onChange={(event) => onChange(event.target.value)}
        slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: "monospace", fontSize: 13 } } }}
      />
      {put.error ? <ErrorState error={put.error} /> : null}
      <Box sx={{ display: "flex", gap: 1, justifyContent: "flex-end" }}>
        <Button color="inherit" onClick={onClose}>
          {common.cancel}
        </Button>
        <RoleButton
          needs="admin"
          variant="contained"
          disabled={document === null}
          loading={put.isPending}
          onClick={() => {
            if (document === null) return;
            put.mutate(document, {
              onSuccess: () => {
                toast.done(t.saved(t.tree));
                onClose();
              },
            });
          }}
        >
          {t.save}
        </RoleButton>
      </Box>
    </Box>
  );
}

function Tester(): React.ReactElement {
  const [{ labels }, setState] = useUrlState({ labels: "severity=critical" });
  const settled = useDebounced(labels, 300);
  const given = settled
    .split("\n")
    .map((line) => line.split("="))
    .filter(([key]) => key !== undefined && key.trim() !== "")
    .map(([key, ...rest]) => [(key ?? "").trim(), rest.join("=").trim().replaceAll('"', "")] as const);
  const query = useQuery(whereToQuery(Object.fromEntries(given)));
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <TextField
        label={t.labels}
        value={labels}
        multiline
        minRows={2}
        helperText={t.labelsHelp}
        onChange={(event) => setState({ labels: event.target.value })}
      />
      <Loaded query={query} lines={2}>
        {(places) => (
          <Box
            component="ul"
            aria-live="polite"
            sx={{ m: 0, pl: 2.5, display: "grid", gap: 1, fontSize: "0.875rem" }}
          >
            {places.map((place) => (
              <li key={`${place.channel} ${place.path.join("/")}`}>
                <b>{place.channel}</b> {t.by} {place.path.join(" › ")}
                <Typography variant="caption" color="textSecondary" component="div">
                  {t.grouped(place.group_by.join(", "))} · {duration(place.group_wait)} ·{" "}
                  {duration(place.group_interval)} · {duration(place.repeat_interval)}
                  {place.mute_timings.length > 0 ? ` · ${t.muted(place.mute_timings.join(", "))}` : ""}
                  {place.escalates_to.length > 0 ? ` · ${t.escalates(place.escalates_to.join(" › "))}` : ""}
                </Typography>
              </li>
            ))}
          </Box>
        )}
      </Loaded>
    </Box>
  );
}
