-- Capture that notices what happens to its triggers and partitions, limits, rights, the audit trail.

-- Capture: on which tables the triggers of a source stand.
CREATE TABLE dyntables.source_member (
    relation oid NOT NULL REFERENCES dyntables.source ON DELETE CASCADE,
    member oid NOT NULL,
    mark text NOT NULL,
    born boolean NOT NULL DEFAULT false,
    PRIMARY KEY (relation, member)
);
COMMENT ON TABLE dyntables.source_member IS 'The tables with the triggers of a source: itself and its partitions.';
COMMENT ON COLUMN dyntables.source_member.mark IS 'The triggers as they were installed; if they look otherwise, changes may have been missed.';
COMMENT ON COLUMN dyntables.source_member.born IS 'The partition was created after its parent was captured, so all its rows are in the change log.';

-- The row version of each trigger changes whenever somebody disables, enables or replaces it.
CREATE FUNCTION dyntables.capture_mark(member oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(pg_catalog.string_agg(pg_catalog.concat(tgname, tgenabled, xmin), ' ' ORDER BY tgname), '')
    FROM pg_catalog.pg_trigger WHERE tgrelid = member AND tgname LIKE 'dyntables\_capture\_%'
$$;

CREATE FUNCTION dyntables.capture_member(of_source oid, on_table oid, at_birth boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    item record;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_class WHERE oid = on_table AND relkind IN ('r', 'p')) THEN
        RETURN;
    END IF;
    FOR item IN SELECT * FROM (VALUES
        ('ins', 'INSERT', 'REFERENCING NEW TABLE AS dt_new'),
        ('upd', 'UPDATE', 'REFERENCING OLD TABLE AS dt_old NEW TABLE AS dt_new'),
        ('del', 'DELETE', 'REFERENCING OLD TABLE AS dt_old'),
        ('trunc', 'TRUNCATE', '')) AS v (short, event, tables)
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER dyntables_capture_%s AFTER %s ON %s %s FOR EACH STATEMENT '
            'EXECUTE FUNCTION dyntables_log.f%s()', item.short, item.event, on_table::regclass, item.tables, of_source);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER dyntables_capture_%s', on_table::regclass, item.short);
    END LOOP;
    INSERT INTO dyntables.source_member VALUES (of_source, on_table, dyntables.capture_mark(on_table), at_birth)
    ON CONFLICT (relation, member) DO UPDATE SET mark = EXCLUDED.mark;
END $$;

CREATE FUNCTION dyntables.capture_members(source oid) RETURNS SETOF oid LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT source UNION SELECT p.relid::oid FROM pg_partition_tree(source) p
$$;

CREATE FUNCTION dyntables.capture_broken(relations oid[]) RETURNS SETOF oid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT p.relation
    FROM (SELECT s.relation, s.relation AS member FROM dyntables.source s WHERE s.relation = ANY (relations)
          UNION SELECT s.relation, t.relid FROM dyntables.source s
          JOIN pg_catalog.pg_class c ON c.oid = s.relation AND c.relkind = 'p', pg_catalog.pg_partition_tree(c.oid) t
          WHERE s.relation = ANY (relations)) p
    JOIN pg_catalog.pg_class k ON k.oid = p.member AND k.relkind IN ('r', 'p')
    LEFT JOIN dyntables.source_member m ON m.relation = p.relation AND m.member = p.member
    WHERE m.mark IS DISTINCT FROM dyntables.capture_mark(p.member)
$$;
COMMENT ON FUNCTION dyntables.capture_broken IS 'Of the given sources, those whose triggers are not as they were installed.';

CREATE FUNCTION dyntables.capture_obstacle(relation oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN c.relkind NOT IN ('r', 'p') THEN NULL
        WHEN c.relrowsecurity THEN 'ROW_SECURITY'
        WHEN c.relpersistence = 'u' THEN 'UNLOGGED_TABLE'
        WHEN c.relispartition OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) THEN 'PARTITION'
        WHEN c.relkind = 'r' AND c.relhassubclass
            AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) THEN 'INHERITANCE'
        WHEN EXISTS (SELECT FROM pg_catalog.pg_subscription_rel r WHERE r.srrelid = c.oid
            OR c.relkind = 'p' AND r.srrelid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) p))
            THEN 'SUBSCRIPTION'
        WHEN c.relkind = 'p' AND EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) p
            JOIN pg_catalog.pg_class k ON k.oid = p.relid AND k.relkind = 'f') THEN 'FOREIGN_TABLE'
        WHEN c.relkind = 'p' AND EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) p
            JOIN pg_catalog.pg_class k ON k.oid = p.relid AND k.relpersistence = 'u') THEN 'UNLOGGED_TABLE'
    END FROM pg_catalog.pg_class c WHERE c.oid = relation
$$;
COMMENT ON FUNCTION dyntables.capture_obstacle IS 'Why the changes of a table cannot be captured, or NULL.';

INSERT INTO dyntables.source_member
SELECT s.relation, m, dyntables.capture_mark(m), false
FROM dyntables.source s JOIN pg_class c ON c.oid = s.relation, dyntables.capture_members(s.relation) m;

-- A partition that is created is captured by the same transaction, so nobody can write to it before.
CREATE FUNCTION dyntables.on_create_table() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT s.relation, c.oid AS member FROM pg_event_trigger_ddl_commands() d
        JOIN pg_class c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass AND c.relispartition
        JOIN LATERAL pg_partition_ancestors(c.oid) a ON a.relid <> c.oid
        JOIN dyntables.source s ON s.relation = a.relid
    LOOP
        PERFORM dyntables.capture_member(item.relation, item.member, true);
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    -- Whoever creates a table must not suffer; the next refresh sees the partition, and reinitializes.
    RAISE WARNING 'dyntables could not capture a new partition: %', SQLERRM;
END $$;

DO $$
BEGIN
    CREATE EVENT TRIGGER dyntables_create_table ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
        EXECUTE FUNCTION dyntables.on_create_table();
    ALTER EVENT TRIGGER dyntables_create_table ENABLE ALWAYS;
EXCEPTION WHEN insufficient_privilege THEN
    NULL;
END $$;

-- Settings of this database, and limits of the change logs.
CREATE TABLE dyntables.setting (
    name text PRIMARY KEY,
    value text NOT NULL,
    meaning text NOT NULL,
    CHECK (CASE name WHEN 'log_limit' THEN pg_size_bytes(value) > 0 ELSE value::interval > interval '0' END)
);
COMMENT ON TABLE dyntables.setting IS 'Settings that hold for the whole database; UPDATE the value.';
INSERT INTO dyntables.setting VALUES
    ('log_limit', '1 GB', 'Changes that a change log keeps for one reader; after that the reader reinitializes.'),
    ('history_retention', '30 days', 'How long the refresh history is kept.'),
    ('audit_retention', '400 days', 'How long the audit trail is kept.');

CREATE FUNCTION dyntables.log_limit() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.pg_size_bytes(value) FROM dyntables.setting WHERE name = 'log_limit'
$$;

CREATE FUNCTION dyntables.bytes_owed(source oid, frontier pg_snapshot) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(pg_catalog.pg_relation_size(pg_catalog.to_regclass(
        'dyntables_log.c' || g.relation || '_' || g.generation))), 0)::bigint
    FROM dyntables.log_generation g
    WHERE g.relation = source AND (g.closed_xid IS NULL OR g.closed_xid > pg_catalog.pg_snapshot_xmin(frontier))
$$;
COMMENT ON FUNCTION dyntables.bytes_owed IS 'Size of the generations of a change log that a frontier is not past.';

CREATE FUNCTION dyntables.rows_owed(source oid, frontier pg_snapshot) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE pg_catalog.format('SELECT count(*) FROM dyntables_log.c%s WHERE __dt_xid >= pg_catalog.pg_snapshot_xmin($1) '
        'AND NOT pg_catalog.pg_visible_in_snapshot(__dt_xid, $1)', source) INTO found USING frontier;
    RETURN found;
END $$;

CREATE VIEW dyntables.source_readers AS
SELECT s.relation, n.nspname::text AS source_schema, c.relname::text AS source_name, t.schema_name, t.table_name AS name,
       t.scheduling_state, d.columns, dyntables.rows_owed(s.relation, t.frontier) AS rows_owed,
       dyntables.bytes_owed(s.relation, t.frontier) AS bytes_owed, t.reinitialize_reason
FROM dyntables.source s JOIN dyntables.dependency d ON d.relation = s.relation
JOIN dyntables.dynamic_table t ON t.id = d.dynamic_table_id AND t.effective_mode = 'INCREMENTAL'
LEFT JOIN pg_class c ON c.oid = s.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace;
COMMENT ON VIEW dyntables.source_readers IS 'For each captured source: the dynamic tables that read its changes, and what they have not consumed.';

CREATE VIEW dyntables.sources AS
SELECT s.relation, coalesce(n.nspname::text, s.schema_name) AS schema_name, coalesce(c.relname::text, s.relation_name) AS name,
       CASE WHEN c.oid IS NULL THEN 'DROPPED'
            WHEN EXISTS (SELECT FROM dyntables.capture_broken(ARRAY[s.relation])) THEN 'BROKEN' ELSE 'COMPLETE' END AS capture,
       ARRAY(SELECT k FROM jsonb_object_keys(s.captured) k ORDER BY k) AS columns,
       (SELECT count(*) FROM dyntables.source_member m WHERE m.relation = s.relation) AS tables_with_triggers,
       g.generations, g.log_bytes, r.readers, r.rows_owed, r.bytes_owed, dyntables.log_limit() AS bytes_limit, r.slowest_reader
FROM dyntables.source s
LEFT JOIN pg_class c ON c.oid = s.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT count(*) AS generations, coalesce(sum(pg_relation_size(to_regclass(
        'dyntables_log.c' || l.relation || '_' || l.generation))), 0)::bigint AS log_bytes
    FROM dyntables.log_generation l WHERE l.relation = s.relation
) g
CROSS JOIN LATERAL (
    SELECT count(*) AS readers, max(o.rows_owed) AS rows_owed, max(o.bytes_owed) AS bytes_owed,
           (array_agg(format('%I.%I', o.schema_name, o.name) ORDER BY o.bytes_owed DESC, o.rows_owed DESC))[1] AS slowest_reader
    FROM dyntables.source_readers o WHERE o.relation = s.relation
) r;
COMMENT ON VIEW dyntables.sources IS 'Captured tables: columns and size of the change log, and the most that any reader has not consumed.';

-- Rights on dynamic tables: ownership contains OPERATE, which contains MONITOR.
CREATE TABLE dyntables.privilege (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    grantee oid NOT NULL,
    privilege text NOT NULL CHECK (privilege IN ('OPERATE', 'MONITOR')),
    grantor text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dynamic_table_id, grantee, privilege)
);
COMMENT ON TABLE dyntables.privilege IS 'Who may operate or monitor a dynamic table beside its owner.';
COMMENT ON COLUMN dyntables.privilege.grantee IS 'A role by OID; 0 is everybody.';

CREATE FUNCTION dyntables.is_member(member name, role name) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT pg_has_role(m.oid, r.oid, 'USAGE') FROM pg_roles m, pg_roles r
                     WHERE m.rolname = member AND r.rolname = role), false)
$$;

CREATE FUNCTION dyntables.allowed(role name, table_id bigint, privilege text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(
        dyntables.is_member(allowed.role, t.owner_name::name) OR dyntables.is_member(allowed.role, current_user)
        OR EXISTS (SELECT FROM dyntables.privilege p LEFT JOIN pg_roles g ON g.oid = p.grantee
                   WHERE p.dynamic_table_id = t.id AND allowed.privilege IN (p.privilege, 'MONITOR')
                   AND (p.grantee = 0 OR dyntables.is_member(allowed.role, g.rolname)))), false)
    FROM dyntables.dynamic_table t WHERE t.id = table_id
$$;
COMMENT ON FUNCTION dyntables.allowed IS 'Whether a role has OPERATE, MONITOR or OWNERSHIP on a dynamic table.';

CREATE FUNCTION dyntables.monitored(role name) RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF dyntables.is_member(role, current_user) THEN
        RETURN QUERY SELECT id FROM dyntables.dynamic_table;
    ELSE
        RETURN QUERY SELECT id FROM dyntables.dynamic_table WHERE dyntables.allowed(role, id, 'MONITOR');
    END IF;
END $$;
COMMENT ON FUNCTION dyntables.monitored IS 'The dynamic tables that a role may monitor.';

CREATE VIEW dyntables.privileges AS
SELECT t.schema_name, t.table_name AS name, CASE WHEN p.grantee = 0 THEN 'public' ELSE g.rolname::text END AS grantee,
       p.privilege, p.grantor, p.granted_at
FROM dyntables.privilege p JOIN dyntables.dynamic_table t ON t.id = p.dynamic_table_id
LEFT JOIN pg_roles g ON g.oid = p.grantee WHERE t.id IN (SELECT dyntables.monitored(current_user));
COMMENT ON VIEW dyntables.privileges IS 'Grants of OPERATE and MONITOR on the dynamic tables that the reader may monitor.';

-- Anybody may see that a dynamic table exists and how fresh it is; the rest needs MONITOR.
DO $$
DECLARE
    text text;
    item record;
BEGIN
    text := rtrim(pg_get_viewdef('dyntables.dynamic_tables'), ';');
    FOR item IN SELECT * FROM (VALUES ('query', 'text'), ('scheduling_state', 'scheduling_state'),
        ('suspended_at', 'last_suspended_on'), ('suspend_reason', 'suspend_reason_code')) v (field, shown)
    LOOP
        text := regexp_replace(text, format('\mt\.%s( AS %s)?,', item.field, item.shown),
            format('CASE WHEN t.id IN (SELECT dyntables.monitored(current_user)) THEN t.%s END AS %s,', item.field, item.shown));
    END LOOP;
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.dynamic_tables AS ' || text;
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.graph AS ' || rtrim(pg_get_viewdef('dyntables.graph'), ';')
        || ' WHERE t.id IN (SELECT dyntables.monitored(current_user))';
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.refresh_history AS ' || rtrim(pg_get_viewdef('dyntables.refresh_history'), ';')
        || ' WHERE t.id IN (SELECT dyntables.monitored(current_user))';
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.column_lineage AS ' || rtrim(pg_get_viewdef('dyntables.column_lineage'), ';')
        || ' WHERE t.id IN (SELECT dyntables.monitored(current_user))';
END $$;

-- The audit trail: each statement leaves the state of the table after it, so two rows show what it changed.
ALTER TABLE dyntables.audit
    ADD COLUMN dynamic_table_id bigint,
    ADD COLUMN acted_as text NOT NULL DEFAULT coalesce(nullif(current_setting('dyntables.role', true), ''), current_user),
    ADD COLUMN statement text DEFAULT nullif(current_setting('dyntables.statement', true), ''),
    ADD COLUMN state jsonb;
COMMENT ON COLUMN dyntables.audit.acted_as IS 'The role whose rights were used.';
COMMENT ON COLUMN dyntables.audit.state IS 'Definition and options after the statement; NULL after a DROP.';
CREATE INDEX audit_by_table ON dyntables.audit (dynamic_table_id, id);

CREATE FUNCTION dyntables.complete_audit() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.dynamic_table_id := coalesce(
        (SELECT id FROM dyntables.dynamic_table WHERE schema_name || '.' || table_name = NEW.object),
        (SELECT dynamic_table_id FROM dyntables.audit WHERE dynamic_table_id IS NOT NULL
         AND NEW.object = (state ->> 'schema_name') || '.' || (state ->> 'table_name') ORDER BY id DESC LIMIT 1));
    NEW.state := (
        SELECT to_jsonb(t) - ARRAY['id', 'view_oid', 'generation', 'canonical', 'effective_mode', 'mode_reasons', 'suspended_at',
            'created_at', 'fingerprint', 'layout', 'frontier', 'consumed', 'change_version', 'data_timestamp',
            'reinitialize_reason', 'system_identifier', 'consecutive_failures', 'retry_at', 'expected_seconds', 'costs']
            || jsonb_build_object('privileges', (SELECT jsonb_agg(privilege || ' ' || grantee ORDER BY 1) FROM (
                SELECT p.privilege, coalesce(g.rolname, 'public') AS grantee FROM dyntables.privilege p
                LEFT JOIN pg_roles g ON g.oid = p.grantee WHERE p.dynamic_table_id = t.id) x))
        FROM dyntables.dynamic_table t WHERE t.id = NEW.dynamic_table_id);
    RETURN NEW;
END $$;
CREATE TRIGGER complete BEFORE INSERT ON dyntables.audit FOR EACH ROW EXECUTE FUNCTION dyntables.complete_audit();

CREATE VIEW dyntables.audit_trail AS
SELECT a.id, a.happened_at, a.who, a.acted_as, a.action, a.object, a.statement,
       (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(a.before) o
        WHERE a.state IS NULL OR a.state -> o.key IS DISTINCT FROM o.value) AS old,
       (SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(a.state) n
        WHERE a.before IS NULL OR a.before -> n.key IS DISTINCT FROM n.value) AS new
FROM (SELECT x.*, lag(x.state) OVER (PARTITION BY x.dynamic_table_id ORDER BY x.id) AS before FROM dyntables.audit x) a
WHERE a.dynamic_table_id IN (SELECT dyntables.monitored(current_user))
    OR dyntables.is_member(current_user, (SELECT rolname FROM pg_roles r JOIN pg_namespace n ON n.nspowner = r.oid
                                          WHERE n.nspname = 'dyntables'));
COMMENT ON VIEW dyntables.audit_trail IS 'Who did what to which dynamic table, by which statement, and what that changed; for those who may monitor it.';

GRANT USAGE ON SCHEMA dyntables, dyntables_snowflake TO PUBLIC;
GRANT SELECT ON dyntables.dynamic_tables, dyntables.refresh_history, dyntables.graph, dyntables.column_lineage,
    dyntables.privileges, dyntables.audit_trail, dyntables.migration TO PUBLIC;
