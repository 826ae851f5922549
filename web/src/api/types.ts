import type { components } from "./generated/schema";

/** What the API takes and returns, by the names of its OpenAPI document. */
export type Schemas = components["schemas"];

export type DynamicTable = Schemas["DynamicTable"];
export type DroppedTable = Schemas["DroppedTable"];
export type TableDetail = Schemas["TableDetail"];
export type Status = Schemas["Status"];
export type Health = Schemas["Health"];
export type Refresh = Schemas["Refresh"];
export type RefreshDetail = Schemas["RefreshDetail"];
export type RunningRefresh = Schemas["RunningRefresh"];
export type Graph = Schemas["Graph"];
export type GraphNode = Schemas["GraphNode"];
export type GraphEdge = Schemas["GraphEdge"];
export type LagSeries = Schemas["LagSeries"];
export type Plan = Schemas["Plan"];
export type PlanNode = Schemas["PlanNode"];
/** The first line of a streamed result; streams have no schema in an OpenAPI document. */
export interface QueryHead {
  id: string;
  columns: QueryColumn[];
}

export interface QueryColumn {
  name: string;
  type: string;
  numeric: boolean;
}

/** The last line of a streamed result. */
export interface QueryEnd {
  rows: number;
  truncated: boolean;
  milliseconds: number;
  error: Problem | null;
}

export type Source = Schemas["Source"];
export type Problem = Schemas["Problem"];
export type TextSpan = Schemas["TextSpan"];
