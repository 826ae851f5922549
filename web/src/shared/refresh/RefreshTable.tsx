import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useInfiniteQuery } from "@tanstack/react-query";
import { refreshesQuery, type RefreshFilter } from "../../api/queries/refreshes";
import type { Refresh } from "../../api/types";
import { useWide } from "../hooks/use-wide";
import { refreshTexts as t } from "../texts/refresh";
import { DataTable } from "../ui/DataTable";
import { ErrorState, Loading } from "../ui/States";
import { refreshColumns } from "./columns";

/** Which refreshes are wanted, by the name of the choice. */
const CHOICES: Record<string, RefreshFilter> = {
  all: {},
  work: { action: ["INCREMENTAL", "FULL", "REINITIALIZE"] },
  failed: { state: ["FAILED", "UPSTREAM_FAILED", "CANCELLED"] },
  late: { late: true },
};

interface RefreshTableProps {
  filter: RefreshFilter;
  show: string;
  onShow: (show: string) => void;
  onOpen: (refresh: Refresh) => void;
  /** Whether to show which table a refresh was of. */
  named: boolean;
}

/** The history of refreshes, the newest first. */
export function RefreshTable({ filter, show, onShow, onOpen, named }: RefreshTableProps): React.ReactElement {
  const query = useInfiniteQuery(refreshesQuery({ ...filter, ...CHOICES[show] }));
  const wide = useWide();
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const hidden = { ...(named ? {} : { name: false }), ...(wide ? {} : NARROW) };
  return (
    <Box sx={{ height: 1, display: "flex", flexDirection: "column" }}>
      <Box sx={{ p: 1, display: "flex", gap: 1, flexWrap: "wrap", borderBottom: 1, borderColor: "divider" }}>
        <ToggleButtonGroup
          exclusive
          value={show}
          aria-label={t.show}
          onChange={(_, value: string | null) => (value === null ? undefined : onShow(value))}
        >
          {Object.keys(CHOICES).map((key) => (
            <ToggleButton key={key} value={key}>
              {t.choices[key]}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <Box sx={{ flex: 1 }} />
        {query.hasNextPage ? (
          <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            {t.older}
          </Button>
        ) : null}
      </Box>
      {query.data === undefined ? (
        <Box sx={{ p: 2 }}>
          {query.error ? (
            <ErrorState error={query.error} retry={() => void query.refetch()} />
          ) : (
            <Loading lines={8} />
          )}
        </Box>
      ) : (
        <DataTable<Refresh>
          label={t.grid}
          rows={rows}
          columns={refreshColumns}
          rowId={({ id }) => id}
          onOpen={onOpen}
          hidden={hidden}
          rowHeight={36}
          empty={t.none}
        />
      )}
    </Box>
  );
}

const NARROW = { reason: false, lag_before_seconds: false, data_timestamp: false, trigger: false, id: false };
