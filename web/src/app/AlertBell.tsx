import NotificationsOutlined from "@mui/icons-material/NotificationsOutlined";
import Badge from "@mui/material/Badge";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { incidentsQuery } from "../api/queries/alerts";
import type { Schemas } from "../api/types";
import { incidentPath } from "../shared/lib/paths";
import { say } from "../shared/lib/toasts";
import { alertTexts as t, incidentTitle } from "../shared/texts/alerts";
import { ChoiceMenu, type MenuChoice } from "./ChoiceMenu";

const MOST_LISTED = 8;
const TOAST_SECONDS = 12;
const LOADED_AT = Date.now();

/** How many incidents are open, with a notice of each that begins while the app is shown. */
export function AlertBell(): React.ReactElement {
  const { data = [] } = useQuery(incidentsQuery());
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const navigate = useNavigate();
  useNotices();
  const waiting = data.filter(({ acknowledged_at }) => acknowledged_at === null);
  const label = t.bell(data.length, waiting.length);
  return (
    <>
      <Tooltip title={label}>
        <IconButton
          aria-label={label}
          aria-haspopup="menu"
          aria-expanded={anchor !== null}
          data-tour="bell"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          <Badge
            color={waiting.length > 0 ? "error" : "primary"}
            badgeContent={data.length || null}
            max={99}
            slotProps={{ badge: { "aria-hidden": true } }}
          >
            <NotificationsOutlined fontSize="small" />
          </Badge>
        </IconButton>
      </Tooltip>
      {anchor ? (
        <ChoiceMenu
          anchor={anchor}
          choices={[
            ...data.slice(0, MOST_LISTED).map((incident) => ({
              label: `${incidentTitle(incident)} — #${incident.id}`,
              onChoose: () => void navigate(incidentPath(incident.id)),
            })),
            { label: data.length === 0 ? t.nothingOpen : t.all, onChoose: () => void navigate("/alerts") },
            ...askChoice(),
          ]}
          onClose={() => setAnchor(null)}
        />
      ) : null}
    </>
  );
}

/** Offer what the browser has not been asked for yet. */
function askChoice(): MenuChoice[] {
  if (!("Notification" in window) || Notification.permission !== "default") return [];
  return [{ label: t.askNotifications, onChoose: () => void Notification.requestPermission() }];
}

/** Say each incident that begins; what was open before the app was loaded is not said. */
function useNotices(): void {
  const { data } = useQuery(incidentsQuery());
  const navigate = useNavigate();
  const known = useRef<ReadonlySet<number> | null>(null);
  useEffect(() => {
    if (data === undefined) return;
    const before = known.current;
    known.current = new Set([...(before ?? []), ...data.map(({ id }) => id)]);
    const fresh = data.filter(({ id, opened_at }) =>
      before === null ? Date.parse(opened_at) > LOADED_AT : !before.has(id),
    );
    fresh
      .slice(0, 3)
      .forEach((incident) => announce(incident, () => void navigate(incidentPath(incident.id))));
  }, [data, navigate]);
}

function announce(incident: Schemas["Incident"], open: () => void): void {
  const message = incidentTitle(incident);
  const severity = ["error", "critical"].includes(incident.labels["severity"] ?? "") ? "error" : "warning";
  say({ message, severity, seconds: TOAST_SECONDS, undo: open, action: t.show });
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    const note = new Notification(t.product, { body: message, tag: `incident-${incident.id}` });
    note.onclick = () => {
      window.focus();
      open();
    };
  }
}
