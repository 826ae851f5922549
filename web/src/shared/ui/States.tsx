import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import type { UseQueryResult } from "@tanstack/react-query";
import { ApiError } from "../../api/problem";
import { common } from "../texts/common";

/** What stands where there is nothing: why, and what to do. */
export function Empty({
  title,
  hint,
  action,
}: {
  title: string;
  hint?: React.ReactNode;
  action?: React.ReactNode;
}): React.ReactElement {
  return (
    <Box
      sx={{
        py: hint || action ? 3.5 : 2,
        px: 2,
        textAlign: "center",
        display: "grid",
        gap: 0.75,
        justifyItems: "center",
      }}
    >
      <Typography variant="h3">{title}</Typography>
      {hint ? (
        <Typography variant="body2" color="textSecondary" component="div" sx={{ maxWidth: 480 }}>
          {hint}
        </Typography>
      ) : null}
      {action ? <Box sx={{ mt: 1 }}>{action}</Box> : null}
    </Box>
  );
}

/** Grey lines while something loads. */
export function Loading({ lines = 4 }: { lines?: number }): React.ReactElement {
  return (
    <Box role="status" aria-label={common.loading} sx={{ py: 1 }}>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={28} width={`${95 - ((index * 17) % 40)}%`} />
      ))}
    </Box>
  );
}

/** An error with its detail, its hint and a way on. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }): React.ReactElement {
  const known = error instanceof ApiError ? error : null;
  return (
    <Alert
      severity="error"
      variant="outlined"
      action={
        retry ? (
          <Button color="inherit" onClick={retry}>
            {common.tryAgain}
          </Button>
        ) : null
      }
    >
      <AlertTitle sx={{ fontWeight: 600 }}>
        {error instanceof Error ? error.message : String(error)}
      </AlertTitle>
      {known?.detail ? <div>{known.detail}</div> : null}
      {known?.hint ? <div>{known.hint}</div> : null}
      {known ? (
        <Typography variant="caption" color="textSecondary" component="div" sx={{ mt: 0.5 }}>
          {known.code}
          {known.correlation ? ` · ${common.correlation} ${known.correlation}` : ""}
        </Typography>
      ) : null}
    </Alert>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  lines?: number;
  /** Shown where the data is empty. */
  empty?: React.ReactNode;
  isEmpty?: (data: T) => boolean;
  children: (data: T) => React.ReactNode;
}

/** The four states of everything that is fetched. Old data stays visible while a new fetch fails. */
export function Loaded<T>({
  query,
  lines = 4,
  empty,
  isEmpty,
  children,
}: LoadedProps<T>): React.ReactElement {
  const { data, error, refetch } = query;
  if (data === undefined) {
    return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Loading lines={lines} />;
  }
  if (empty !== undefined && isEmpty?.(data)) return <>{empty}</>;
  return <>{children(data)}</>;
}
