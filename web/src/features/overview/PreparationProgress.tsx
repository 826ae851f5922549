import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import type { Schemas } from "../../api/types";
import { useNow } from "../../shared/hooks/use-now";
import { duration } from "../../shared/lib/format";
import { STATUS_LOOKS, refreshLook, type Look } from "../../shared/lib/status";
import { overviewTexts as t } from "../../shared/texts/overview";
import { Panel } from "../../shared/ui/Panel";
import { StateMark } from "../../shared/ui/StateMark";

type Preparation = Schemas["Preparation"];
type Step = Schemas["Step"];

const LOOKS: Record<Step["state"], Look> = {
  WAITING: { ...STATUS_LOOKS.SUSPENDED, shape: "ring" },
  RUNNING: refreshLook("RUNNING"),
  DONE: STATUS_LOOKS.FRESH,
  FAILED: STATUS_LOOKS.FAILING,
};

/** The load and the first refreshes of what the server prepares, as they go. */
export function PreparationProgress({ preparation }: { preparation: Preparation }): React.ReactElement {
  return (
    <Panel title={t.preparing}>
      {preparation.error ? (
        <Alert severity="error" sx={{ mb: 1.5 }}>
          {preparation.error}
        </Alert>
      ) : null}
      <Typography variant="body2" color="textSecondary" sx={{ mb: 1.5, maxWidth: 760 }}>
        {t.preparingHint}
      </Typography>
      <Typography variant="subtitle2" role="status" sx={{ mb: 1.5 }}>
        {preparation.headline}
      </Typography>
      <Box component="ol" sx={LIST}>
        {preparation.steps.map((step) => (
          <StepRow key={step.name} step={step} />
        ))}
      </Box>
    </Panel>
  );
}

function StepRow({ step }: { step: Step }): React.ReactElement {
  const now = useNow();
  const end = step.ended_at ? Date.parse(step.ended_at) : now;
  const seconds = step.started_at ? Math.max(0, (end - Date.parse(step.started_at)) / 1_000) : null;
  const share = step.total > 0 ? (step.done / step.total) * 100 : 0;
  return (
    <Box component="li" sx={ROW}>
      <StateMark look={LOOKS[step.state]} />
      <Box sx={{ width: 190, overflowWrap: "anywhere" }}>{step.name}</Box>
      <LinearProgress
        variant={step.state === "RUNNING" && step.total <= 1 ? "indeterminate" : "determinate"}
        value={share}
        aria-label={step.name}
        sx={{ flex: 1, minWidth: 60, height: 5, borderRadius: 3 }}
      />
      <Box
        sx={{ width: 56, textAlign: "right", color: "text.secondary", fontVariantNumeric: "tabular-nums" }}
      >
        {seconds === null ? "" : duration(seconds)}
      </Box>
    </Box>
  );
}

const LIST = { listStyle: "none", m: 0, p: 0, display: "grid", gap: 0.75 } as const;
const ROW = { display: "flex", alignItems: "center", gap: 1.25, fontSize: "0.8125rem" } as const;
