import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useMemo, useState } from "react";
import { CODE } from "../lib/fonts";
import { bytes } from "../lib/format";
import { valueTexts as t } from "../texts/values";
import { clip, LongValue, type Whole } from "./LongValue";
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
  const [whole, setWhole] = useState<Whole | null>(null);
  const items = useMemo<ResultRow[]>(() => rows.map((cells, id) => ({ id, cells })), [rows]);
  const grid = useMemo(
    () => columns.map((column, index) => gridColumn(column, index, rows, onSort !== undefined, setWhole)),
    [columns, rows, onSort],
  );
  return (
    <>
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
      {whole ? <LongValue whole={whole} onClose={() => setWhole(null)} /> : null}
    </>
  );
}

function gridColumn(
  { name, type, numeric = NUMERIC.test(type) }: ResultColumn,
  index: number,
  rows: readonly (readonly (string | null)[])[],
  server: boolean,
  onShow: (whole: Whole) => void,
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
    renderCell: ({ row, tabIndex }) => (
      <Cell
        value={row.cells[index] ?? null}
        tabIndex={tabIndex}
        onShow={(value) => onShow({ column: name, row: row.id + 1, value })}
      />
    ),
  };
}

function comparable(value: string | null, numeric: boolean): string | number | null {
  return numeric && value !== null ? Number(value) : value;
}

interface CellProps {
  value: string | null;
  /** That of the cell, so that the keyboard gets to what is in it. */
  tabIndex: 0 | -1;
  onShow: (value: string) => void;
}

function Cell({ value, tabIndex, onShow }: CellProps): React.ReactElement {
  if (value === null) {
    return (
      <Box component="span" sx={{ color: "text.secondary", fontStyle: "italic", fontSize: "0.75rem" }}>
        NULL
      </Box>
    );
  }
  const text = clip(value);
  return (
    <>
      <Box
        component="span"
        title={text}
        sx={{ overflow: "hidden", textOverflow: "ellipsis", ...CODE, fontSize: "0.75rem" }}
      >
        {text}
      </Box>
      {text === value ? null : (
        <Button
          size="small"
          tabIndex={tabIndex}
          onClick={() => onShow(value)}
          sx={{ ml: "auto", flex: "none" }}
        >
          {t.showWhole(bytes(value.length))}
        </Button>
      )}
    </>
  );
}
