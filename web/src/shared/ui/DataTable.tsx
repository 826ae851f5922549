import Box from "@mui/material/Box";
import {
  DataGrid,
  type DataGridProps,
  type GridColDef,
  type GridRowSelectionModel,
  type GridSortModel,
  type GridValidRowModel,
} from "@mui/x-data-grid";
import { nonce } from "../lib/nonce";
import { common } from "../texts/common";

export type Columns<Row extends GridValidRowModel> = readonly GridColDef<Row>[];

interface DataTableProps<Row extends GridValidRowModel> {
  label: string;
  rows: readonly Row[];
  columns: Columns<Row>;
  rowId: (row: Row) => string | number;
  loading?: boolean;
  /** `name` or `-name`; kept in the address by the page. */
  sort?: string;
  onSort?: (sort: string | null) => void;
  onOpen?: (row: Row) => void;
  selected?: ReadonlySet<string | number>;
  onSelect?: (ids: ReadonlySet<string | number>) => void;
  hidden?: Readonly<Record<string, boolean>>;
  /** Grow with the rows instead of filling the space. */
  auto?: boolean;
  rowHeight?: number;
  empty?: React.ReactNode;
}

function readSort(sort: string | undefined): GridSortModel {
  if (!sort) return [];
  return [sort.startsWith("-") ? { field: sort.slice(1), sort: "desc" } : { field: sort, sort: "asc" }];
}

function writeSort([first]: GridSortModel): string | null {
  if (first === undefined) return null;
  return first.sort === "desc" ? `-${first.field}` : first.field;
}

/** The one grid: a list is a set of columns. */
export function DataTable<Row extends GridValidRowModel>(props: DataTableProps<Row>): React.ReactElement {
  const { label, rows, columns, rowId, loading = false, sort, onSort, onOpen, selected, onSelect } = props;
  const selection: Partial<DataGridProps<Row>> =
    selected && onSelect
      ? {
          checkboxSelection: true,
          rowSelectionModel: { type: "include", ids: new Set(selected) },
          onRowSelectionModelChange: (model) => onSelect(chosen(model, rows, rowId)),
        }
      : {};
  return (
    <Box sx={props.auto ? { minWidth: 0 } : { flex: 1, minHeight: 0, minWidth: 0, height: "100%" }}>
      <DataGrid<Row>
        aria-label={label}
        rows={rows}
        columns={columns}
        getRowId={rowId}
        loading={loading && rows.length === 0}
        {...(nonce ? { nonce } : {})}
        density="compact"
        rowHeight={props.rowHeight ?? 40}
        columnHeaderHeight={36}
        autoHeight={props.auto ?? false}
        hideFooter
        disableColumnMenu
        disableRowSelectionOnClick
        disableColumnFilter
        {...selection}
        {...(props.hidden ? { columnVisibilityModel: props.hidden } : {})}
        {...(sort === undefined ? {} : { sortModel: readSort(sort) })}
        {...(onSort ? { onSortModelChange: (model) => onSort(writeSort(model)) } : {})}
        {...(onOpen ? { onRowClick: ({ row }: { row: Row }) => onOpen(row) } : {})}
        slots={{ noRowsOverlay: () => <Box sx={OVERLAY}>{props.empty ?? common.noRows}</Box> }}
        sx={[GRID, onOpen ? POINTER : {}]}
      />
    </Box>
  );
}

function chosen<Row extends GridValidRowModel>(
  model: GridRowSelectionModel,
  rows: readonly Row[],
  rowId: (row: Row) => string | number,
): ReadonlySet<string | number> {
  if (model.type === "include") return model.ids;
  return new Set(rows.map(rowId).filter((id) => !model.ids.has(id)));
}

const OVERLAY = {
  height: "100%",
  minHeight: 96,
  display: "grid",
  placeItems: "center",
  color: "text.secondary",
} as const;

const GRID = {
  border: 0,
  fontSize: "0.8125rem",
  "--DataGrid-rowBorderColor": "var(--mui-palette-divider)",
  "--DataGrid-containerBackground": "transparent",
  "& .MuiDataGrid-columnHeaderTitle": { fontWeight: 560, fontSize: "0.75rem", color: "text.secondary" },
  "& .MuiDataGrid-columnHeader:not(:hover) .MuiDataGrid-columnSeparator": { color: "transparent" },
  "& .MuiDataGrid-cell": { display: "flex", alignItems: "center" },
  "& .MuiDataGrid-cell:focus-visible, & .MuiDataGrid-columnHeader:focus-visible": { outlineOffset: -2 },
  "& .number": { fontVariantNumeric: "tabular-nums" },
} as const;

const POINTER = { "& .MuiDataGrid-row": { cursor: "pointer" } } as const;
