import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { Link as RouterLink } from "react-router";
import type { RefreshDetail } from "../../api/types";
import { builderPath, refreshPath } from "../../shared/lib/paths";
import { refreshTexts as t } from "../../shared/texts/refresh";
import { SqlBlock } from "../../shared/ui/SqlBlock";

/** Why a refresh failed, what to do, and whose fault it was. */
export function RefreshFailure({ refresh }: { refresh: RefreshDetail }): React.ReactElement | null {
  if (refresh.state === "SUCCEEDED" || (refresh.error === null && !refresh.error_message)) return null;
  const { error } = refresh;
  const origin =
    refresh.state === "UPSTREAM_FAILED"
      ? refresh.run_refreshes.find(({ state }) => state === "FAILED")
      : undefined;
  return (
    <Alert severity={refresh.state === "FAILED" ? "error" : "warning"} variant="outlined">
      <AlertTitle sx={{ fontWeight: 600 }}>
        {t.error}: {error?.message ?? refresh.error_message}
      </AlertTitle>
      {error?.detail ? <div>{error.detail}</div> : null}
      {error?.hint ? <div>{error.hint}</div> : null}
      {origin ? (
        <div>
          <Link component={RouterLink} to={refreshPath(origin.id)}>
            {origin.schema_name}.{origin.name}
          </Link>
          : {origin.error_message}
        </div>
      ) : null}
      <Alterations refresh={refresh} />
      <WhatToDo refresh={refresh} />
      {error ? (
        <Box sx={{ fontSize: "0.75rem", color: "text.secondary", mt: 0.5 }}>
          {error.code}
          {error.sqlstate ? ` · SQLSTATE ${error.sqlstate}` : ""}
        </Box>
      ) : null}
    </Alert>
  );
}

/** How what it is computed from differs from that of the last success. */
function Alterations({ refresh }: { refresh: RefreshDetail }): React.ReactElement | null {
  if (refresh.source_alterations.length === 0) return null;
  return (
    <Box sx={{ my: 1 }}>
      <b>{t.alterations}</b>
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {refresh.source_alterations.map(({ name, what }) => (
          <li key={`${name} ${what}`}>
            <b>{name}</b> {what}
          </li>
        ))}
      </Box>
    </Box>
  );
}

/** The statement that failed, and the way to the definition that it came of. */
function WhatToDo({ refresh }: { refresh: RefreshDetail }): React.ReactElement | null {
  if (refresh.state !== "FAILED") return null;
  const statement = refresh.error?.statement;
  return (
    <>
      {statement ? (
        <Box sx={{ my: 1 }}>
          <SqlBlock sql={statement} label={t.failedStatement} />
        </Box>
      ) : null}
      <Link component={RouterLink} to={builderPath(refresh)}>
        {t.editDefinition}
      </Link>
    </>
  );
}
