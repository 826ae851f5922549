import Box from "@mui/material/Box";
import { useMemo } from "react";
import { CODE } from "../lib/fonts";
import { DataTable, type Columns } from "./DataTable";

interface ResultColumn {
  name: string;
  type: string;
  numeric?: boolean;
}

interface ResultGridProps {
  label: string;
  columns: readonly ResultColumn[];
  rows: readonly (readonly (string | null)[])[];
  sort?: string;
  onSort?: (sort: string | null) => void;
  auto?: boolean;
}

interface ResultRow {
  id: number;
  cells: readonly (string | null)[];
}

const NUMERIC = /^(smallint|integer|bigint|numeric|real|double precision|int\d|float\d|oid)/;

/** Rows of a query as the server prints them; NULL can be told from an empty text. */
export function ResultGrid({
  label,
  columns,
  rows,
  sort,
  onSort,
  auto = false,
}: ResultGridProps): React.ReactElement {
  const items = useMemo<ResultRow[]>(() => rows.map((cells, id) => ({ id, cells })), [rows]);
  const grid = useMemo(
    () => columns.map((column, index) => gridColumn(column, index, rows, onSort !== undefined)),
    [columns, rows, onSort],
  );
  return (
    <DataTable<ResultRow>
      label={label}
      rows={items}
      columns={grid}
      rowId={({ id }) => id}
      rowHeight={32}
      auto={auto}
      {...(sort === undefined ? {} : { sort })}
      {...(onSort ? { onSort } : {})}
    />
  );
}

function gridColumn(
  { name, type, numeric = NUMERIC.test(type) }: ResultColumn,
  index: number,
  rows: readonly (readonly (string | null)[])[],
  server: boolean,
): Columns<ResultRow>[number] {
  const longest = Math.max(name.length + 2, ...rows.slice(0, 50).map((row) => row[index]?.length ?? 4));
  return {
    // On the server a column is sorted by its name; here two columns may have the same one.
    field: server ? name : String(index),
    headerName: name,
    description: type,
    width: Math.min(360, Math.max(72, longest * 8 + 28)),
    ...(numeric ? { align: "right", headerAlign: "right" } : {}),
    valueGetter: (_, { cells }) => comparable(cells[index] ?? null, numeric),
    ...(server ? { sortComparator: () => 0 } : {}),
    renderCell: ({ row }) => <Cell value={row.cells[index] ?? null} />,
  };
}

function comparable(value: string | null, numeric: boolean): string | number | null {
  return numeric && value !== null ? Number(value) : value;
}

function Cell({ value }: { value: string | null }): React.ReactElement {
  if (value === null) {
    return (
      <Box component="span" sx={{ color: "text.secondary", fontStyle: "italic", fontSize: "0.75rem" }}>
        NULL
      </Box>
    );
  }
  return (
    <Box
      component="span"
      title={value}
      sx={{ overflow: "hidden", textOverflow: "ellipsis", ...CODE, fontSize: "0.75rem" }}
    >
      {value}
    </Box>
  );
}
