import type {
  DroppedTable,
  DynamicTable,
  Graph,
  GraphNode,
  Plan,
  Refresh,
  RunningRefresh,
  Schemas,
  TableDetail,
} from "../api/types";

const AT = "2026-11-25T08:00:00Z";

/** A healthy table; say what is different. */
export function table(change: Partial<DynamicTable> = {}): DynamicTable {
  const { schema_name = "analytics", name = "daily" } = change;
  return {
    id: 1,
    schema_name,
    name,
    qualified_name: `${schema_name}.${name}`,
    owner: "postgres",
    comment: null,
    created_at: AT,
    version: 1,
    mode: "INCREMENTAL",
    requested_mode: "AUTO",
    mode_reasons: [],
    scheduling_state: "RUNNING",
    suspend_reason: null,
    suspended_at: null,
    scheduled: true,
    schedule: null,
    target_lag: "1 minute",
    target_lag_seconds: 60,
    effective_target_lag_seconds: 60,
    lag_seconds: 20,
    data_timestamp: new Date(Date.now() - 20_000).toISOString(),
    next_refresh_at: null,
    within_target_ratio: 1,
    recent_lags: [40, 45, 44],
    rows: 1_200,
    bytes: 65_536,
    last_refresh: null,
    running: null,
    consecutive_failures: 0,
    retry_at: null,
    expected_seconds: 0.2,
    upstream: [],
    downstream: [],
    status: "FRESH",
    health: "HEALTHY",
    quality: null,
    causes: [],
    ...change,
  };
}

/** A healthy table with its definition. */
export function tableDetail(change: Partial<TableDetail> = {}): TableDetail {
  return {
    ...table(change),
    etag: '"1"',
    definition: "SELECT day, count(*) FROM orders GROUP BY day",
    ddl: "CREATE DYNAMIC TABLE analytics.daily TARGET_LAG = '1 minute' AS SELECT 1",
    dialect: "POSTGRESQL",
    search_path: "public",
    time_zone: "UTC",
    initialize: "ON_CREATE",
    retention_days: 1,
    options: {},
    settable: { WORK_MEM: null },
    settings: { TimeZone: "UTC" },
    columns: [],
    sources: [],
    ...change,
  };
}

/** A refresh at work since a moment ago. */
export function runningRefresh(change: Partial<RunningRefresh> = {}): RunningRefresh {
  return {
    table_id: 1,
    schema_name: "analytics",
    name: "daily",
    since: new Date(Date.now() - 4_000).toISOString(),
    seconds: 4,
    expected_seconds: 10,
    progress: null,
    action: "INCREMENTAL",
    phase: "merging",
    statement: 1,
    statements: 3,
    rows_done: null,
    estimated_end: null,
    waiting: false,
    wait_event: null,
    blocked_by: [],
    blockers: [],
    process_id: 7,
    application: "dyntables",
    ...change,
  };
}

/** A table that was dropped a moment ago. */
export function dropped(change: Partial<DroppedTable> = {}): DroppedTable {
  const { schema_name = "analytics", name = "daily" } = change;
  return {
    id: 1,
    schema_name,
    name,
    qualified_name: `${schema_name}.${name}`,
    owner: "postgres",
    comment: null,
    dropped_at: new Date(Date.now() - 60_000).toISOString(),
    dropped_by: "ada",
    kept_until: new Date(Date.now() + 86_340_000).toISOString(),
    obstacle: null,
    ...change,
  };
}

/** A refresh that succeeded. */
export function refresh(change: Partial<Refresh> = {}): Refresh {
  return {
    id: 1,
    run: "r",
    table_id: 1,
    schema_name: "analytics",
    name: "daily",
    state: "SUCCEEDED",
    action: "INCREMENTAL",
    reason: "CHANGES",
    choice: null,
    full_form: null,
    estimated_full_ms: null,
    estimated_incremental_ms: null,
    trigger: "SCHEDULED",
    started_at: AT,
    ended_at: AT,
    duration_ms: 120,
    waited_ms: 0,
    data_timestamp: AT,
    previous_data_timestamp: AT,
    target_lag_seconds: 60,
    lag_before_seconds: 44,
    within_target: true,
    rows_inserted: 3,
    rows_deleted: 1,
    count: 1,
    first_ended_at: null,
    longest_lag_seconds: null,
    error_code: null,
    error_message: null,
    ...change,
  };
}

/** A node of the graph. */
export function graphNode(change: Partial<GraphNode> = {}): GraphNode {
  return {
    id: "t1",
    kind: "DYNAMIC_TABLE",
    schema_name: "analytics",
    name: "daily",
    level: 1,
    rows: null,
    bytes: null,
    table_id: 1,
    mode: "INCREMENTAL",
    status: "FRESH",
    health: "HEALTHY",
    scheduling_state: "RUNNING",
    lag_seconds: 20,
    target_lag_seconds: 60,
    effective_target_lag_seconds: 60,
    expected_seconds: 0.2,
    last_state: "SUCCEEDED",
    last_action: "INCREMENTAL",
    running: false,
    captured: null,
    ...change,
  };
}

/** A graph of these nodes; an edge leads from what is read to who reads it. */
export function graph(nodes: GraphNode[], edges: [source: string, target: string][]): Graph {
  return {
    at: AT,
    nodes,
    edges: edges.map(([source, target]) => ({ source, target, columns: [], rows: null })),
  };
}

/** A first page on which all is well. */
export function overview(change: Partial<Schemas["Overview"]> = {}): Schemas["Overview"] {
  return {
    at: AT,
    fresh: true,
    verdict: "All 2 dynamic tables are fresh.",
    blame: null,
    counts: { FRESH: 2, LATE: 0, FAILING: 0, SUSPENDED: 0, NOT_INITIALIZED: 0 },
    within_target_ratio: 1,
    attention: [],
    running: [],
    changes_per_second: 12,
    refreshes_last_hour: 40,
    failures_last_hour: 0,
    leader: { active: true, process_id: 1, process: null, since: AT, here: true },
    capture: { sources: 1, unhealthy: 0, log_bytes: 8_192, backlog_rows: 0 },
    resources: {
      server_cpu_percent: 3,
      server_memory_bytes: 1e8,
      machine_cpu_percent: 20,
      machine_memory_percent: 40,
      database_bytes: 1e8,
      storage_bytes: 1e7,
      connections: 5,
      max_connections: 100,
    },
    ...change,
  };
}

/** A draft that can be created, and would be incremental. */
export function validation(change: Partial<Schemas["Validation"]> = {}): Schemas["Validation"] {
  return {
    valid: true,
    problems: [],
    name: "public.t",
    exists: false,
    mode: "INCREMENTAL",
    requested_mode: "AUTO",
    reasons: [],
    clauses: [],
    columns: [],
    dependencies: [],
    notices: [],
    target_lag_seconds: 60,
    ...change,
  };
}

/** A plan of two operators, with what its last refresh took. */
export function plan(change: Partial<Plan> = {}): Plan {
  const source = {
    id: 2,
    kind: "scan",
    operator_class: "source",
    law: "what writers changed is read from its change log",
    label: "Read public.orders",
    detail: [],
    columns: ["day"],
    state: null,
    lookups: [],
    children: [],
  };
  const state = { stage: 1, storage: "t1_g1", keeps: "one row a group", index: "day", rows: 9, bytes: 8_192 };
  return {
    name: "analytics.daily",
    mode: "INCREMENTAL",
    requested_mode: "AUTO",
    reasons: [],
    sources: [],
    stages: [state],
    tree: {
      id: 1,
      kind: "aggregate",
      operator_class: "merged",
      law: "changes are added to the stored state of their group",
      label: "Aggregate by orders.day",
      detail: ["n = count(*): count added up"],
      columns: [],
      state,
      lookups: [],
      children: [source],
    },
    missing_indexes: [],
    classes: { merged: "changes are added to what is stored for each group" },
    statements: [],
    measured: {
      refresh_id: 7,
      action: "INCREMENTAL",
      reason: "CHANGES",
      milliseconds: 41,
      rows_inserted: 3,
      rows_deleted: 1,
      source_changes: { "public.orders": 250 },
      stages: [{ stage: 1, rows: 4, milliseconds: 12.4, statements: [] }],
    },
    ...change,
  };
}

/** An operation that is done. */
export function operation(change: Partial<Schemas["Operation"]> = {}): Schemas["Operation"] {
  return {
    id: "00000000-0000-0000-0000-000000000001",
    kind: "DROP",
    objects: ["analytics.daily"],
    user: "ada",
    state: "SUCCEEDED",
    started_at: AT,
    ended_at: AT,
    seconds: 0.1,
    notices: [],
    refreshes: [],
    verifications: [],
    problem: null,
    ...change,
  };
}
