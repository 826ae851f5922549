import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { Link as RouterLink, useNavigate } from "react-router";
import { useCheckTable, type TableScored } from "../../api/queries/quality";
import { useToast } from "../../shared/hooks/use-toast";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { useWide } from "../../shared/hooks/use-wide";
import { qualityPath } from "../../shared/lib/paths";
import { DIMENSIONS, qualityLook } from "../../shared/lib/quality";
import { qualityTexts as t } from "../../shared/texts/quality";
import { Ago } from "../../shared/ui/Ago";
import { DataTable, type Columns } from "../../shared/ui/DataTable";
import { RoleButton } from "../../shared/ui/RoleButton";
import { Bar, Score } from "../../shared/ui/Score";
import { Sparkline } from "../../shared/ui/Sparkline";

const NARROW = Object.fromEntries([...DIMENSIONS, "trend", "checked", "check"].map((name) => [name, false]));

/** A row for each table that has rules: its score, its trend, its dimensions. */
export function ScoreTable({ tables }: { tables: readonly TableScored[] }): React.ReactElement {
  const [{ sort }, setState] = useUrlState({ sort: "score" });
  const navigate = useNavigate();
  const wide = useWide();
  const used = DIMENSIONS.filter((name) =>
    tables.some(({ latest }) => latest !== null && name in latest.dimensions),
  );
  return (
    <DataTable<TableScored>
      label={t.gridLabel}
      rows={tables}
      columns={[...FIRST, ...used.map(dimension), ...LAST]}
      rowId={({ schema_name, name }) => `${schema_name}.${name}`}
      sort={sort}
      onSort={(next) => setState({ sort: next })}
      onOpen={(table) => void navigate(qualityPath(table))}
      hidden={wide ? {} : NARROW}
      auto
      rowHeight={62}
    />
  );
}

const FIRST: Columns<TableScored> = [
  {
    field: "name",
    headerName: t.colTable,
    flex: 2,
    minWidth: 150,
    valueGetter: (_, row) => `${row.name} ${row.schema_name}`,
    renderCell: ({ row }) => (
      <Box sx={{ minWidth: 0, lineHeight: 1.3 }}>
        <Link
          component={RouterLink}
          to={qualityPath(row)}
          color="textPrimary"
          sx={{ fontWeight: 580, display: "block", overflow: "hidden", textOverflow: "ellipsis" }}
          onClick={(event) => event.stopPropagation()}
        >
          {row.name}
        </Link>
        <Box sx={{ color: "text.secondary", fontSize: "0.6875rem" }}>{row.schema_name}</Box>
      </Box>
    ),
  },
  {
    field: "score",
    headerName: t.colScore,
    width: 84,
    // What is not known comes before the worst.
    valueGetter: (_, row) => row.latest?.score ?? -1,
    renderCell: ({ row }) => <Score score={row.latest?.score} health={row.latest?.health} />,
  },
  {
    field: "trend",
    headerName: t.colTrend,
    width: 110,
    sortable: false,
    renderCell: ({ row }) => (
      <Sparkline values={row.trend.filter((score) => score !== null)} label={t.trend(row.name)} />
    ),
  },
  {
    field: "failing",
    headerName: t.colFailing,
    width: 84,
    align: "right",
    headerAlign: "right",
    cellClassName: "number",
    valueGetter: (_, row) => row.latest?.failing ?? 0,
    renderCell: ({ row }) => t.ofRules(row.latest?.failing ?? 0, row.rules),
  },
];

function dimension(name: string): Columns<TableScored>[number] {
  return {
    field: name,
    headerName: t.dimensionNames[name] ?? name,
    width: 92,
    valueGetter: (_, row) => row.latest?.dimensions[name] ?? 101,
    renderCell: ({ row }) => {
      const value = row.latest?.dimensions[name];
      if (value === undefined) return <Box sx={{ color: "text.secondary" }}>–</Box>;
      return (
        <Bar value={value} look={qualityLook(value >= 95 ? "HEALTHY" : value >= 80 ? "WARNING" : "ERROR")} />
      );
    },
  };
}

const LAST: Columns<TableScored> = [
  {
    field: "checked",
    headerName: t.colChecked,
    width: 96,
    valueGetter: (_, row) => row.latest?.checked_at ?? "",
    renderCell: ({ row }) => <Ago at={row.latest?.checked_at} />,
  },
  {
    field: "check",
    headerName: "",
    width: 84,
    sortable: false,
    renderCell: ({ row }) => <CheckButton table={row} />,
  },
];

function CheckButton({ table }: { table: TableScored }): React.ReactElement {
  const check = useCheckTable();
  const toast = useToast();
  return (
    <RoleButton
      needs="operator"
      size="small"
      loading={check.isPending}
      aria-label={`${t.check}: ${table.name}`}
      onClick={(event) => {
        event.stopPropagation();
        check.mutate(table, { onSuccess: () => toast.done(t.checked(table.name)), onError: toast.failed });
      }}
    >
      {t.checkAll}
    </RoleButton>
  );
}
