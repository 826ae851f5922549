-- Who writes what: dynamic tables and their storage are written by refreshes alone, and any publication may hold them.

CREATE FUNCTION dyntables.refuse_write() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = format(CASE TG_TABLE_SCHEMA WHEN 'dyntables_data' THEN '"%s.%s" holds the rows of a dynamic table, and only refreshes write them'
                         ELSE '"%s.%s" is a dynamic table, and only refreshes write it' END, TG_TABLE_SCHEMA, TG_TABLE_NAME),
        HINT = 'Change the tables that it reads: the next refresh brings that over. CREATE OR ALTER DYNAMIC TABLE gives it another definition; FROZEN WHERE keeps rows as they are.',
        ERRCODE = 'object_not_in_prerequisite_state';
END $$;

-- A view with INSTEAD OF triggers is not updatable by itself. They fire for each row, and the others before there is one.
CREATE FUNCTION dyntables.protect(relation oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind "char" := (SELECT relkind FROM pg_class WHERE oid = relation);
BEGIN
    IF kind = 'v' THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER dyntables_refuse INSTEAD OF INSERT OR UPDATE OR DELETE ON %s '
            'FOR EACH ROW EXECUTE FUNCTION dyntables.refuse_write()', relation::regclass);
        EXECUTE format('CREATE OR REPLACE TRIGGER dyntables_refuse_all BEFORE INSERT OR UPDATE OR DELETE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION dyntables.refuse_write()', relation::regclass);
    ELSIF kind = 'r' THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER dyntables_refuse BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT WHEN (current_setting(''dyntables.refreshing'', true) IS DISTINCT FROM ''on'') '
            'EXECUTE FUNCTION dyntables.refuse_write()', relation::regclass);
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', relation::regclass);
    END IF;
END $$;
COMMENT ON FUNCTION dyntables.protect IS 'Lets nothing but refreshes write a dynamic table, its view or its storage; and storage be updated where a publication holds all tables.';

-- Publications of all tables hold those of the catalog and the logs, too: without an identity, updates of these would fail.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' AND c.relreplident = 'd' AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
        AND (c.relnamespace = 'dyntables'::regnamespace
             OR c.relnamespace = 'dyntables_log'::regnamespace AND c.relname ~ '^d[0-9]+$')
    LOOP
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', item.oid::regclass);
    END LOOP;
    FOR item IN
        SELECT c.oid FROM dyntables.dynamic_table t JOIN pg_class c ON c.oid = t.view_oid
        UNION SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r'
            AND c.relname ~ '^t[0-9]+_g[0-9]+(_s[0-9]+|_frozen)?$'
    LOOP
        BEGIN
            PERFORM dyntables.protect(item.oid);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL; -- of another role: when it is built next
        END;
    END LOOP;
END $$;

-- A MERGE that moves a row to another partition: the server leaves it out of the transition tables of the UPDATE, and
-- has its halves in those of DELETE and INSERT, which no trigger gets unless the MERGE deletes and inserts as well. So a
-- row trigger of the partitions, which fires only where the key changes, logs both halves. What another trigger gets too
-- is taken back: these rows have a weight of their own, mark, and beside it one that leaves ±1.
--
-- A setting has the state of the present transaction as JSON: the last mark, and for each level of statements that run
-- inside of each other the latest of them that has moved rows. Its phase is "on" from the first such row to the trigger
-- of the UPDATE, then "done", and "dirty" when a statement inside of it, or after it in a function, has written as well:
-- then it cannot be told whether another trigger gets its rows, and readers reinitialize.

CREATE FUNCTION dyntables.statement_level(context text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT length(context) - length(replace(context, E'\n', ''))
$$;

-- PG_CONTEXT of a trigger function has that function in its first line, and in the second what runs the statement.
CREATE FUNCTION dyntables.statement_kind(context text) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outer_lines text := substr(context, nullif(strpos(context, E'\n'), 0) + 1);
    statement text;
    kinds text[];
BEGIN
    IF outer_lines ^@ 'SQL statement "' THEN
        statement := (regexp_match(outer_lines, '^SQL statement "(.*?)"(?:\n(?:PL/pgSQL|SQL) |$)'))[1];
        kinds := ARRAY[upper((regexp_match(statement, '^(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)'))[1])];
    ELSIF outer_lines ^@ 'SQL function "' THEN
        RETURN CASE WHEN NOT EXISTS (
            SELECT FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'sql'
            WHERE outer_lines ^@ format('SQL function "%s"', p.proname)
            AND (p.prosrc ~* 'merge' OR pg_get_function_sqlbody(p.oid) ~* 'merge')) THEN 'UPDATE' END;
    ELSIF outer_lines IS NULL THEN
        statement := current_query();
        -- A boundary between statements is a semicolon; what is cut at another one is of no known kind.
        kinds := ARRAY(SELECT coalesce(upper((regexp_match(part, '^(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)'))[1]), '')
                       FROM regexp_split_to_table(statement, ';') part WHERE part ~ '\S');
        IF 'EXECUTE' = ANY (kinds) THEN
            statement := (SELECT string_agg(s.statement, ' ') FROM pg_prepared_statements s) || statement;
        END IF;
        kinds := ARRAY(SELECT k FROM unnest(kinds) k WHERE k NOT IN ('INSERT', 'DELETE', 'SELECT', 'BEGIN', 'START',
            'COMMIT', 'END', 'SET', 'SAVEPOINT', 'RELEASE', 'ROLLBACK', 'LOCK', 'TRUNCATE', 'CREATE', 'DROP', 'ALTER'));
    END IF;
    RETURN CASE WHEN statement !~* 'merge' THEN 'UPDATE'
                WHEN kinds <@ ARRAY['UPDATE'] THEN 'UPDATE' WHEN kinds <@ ARRAY['MERGE'] THEN 'MERGE' END;
END $$;
COMMENT ON FUNCTION dyntables.statement_kind IS 'Whether the statement that fired a trigger is an UPDATE or a MERGE; NULL if it cannot be told.';

CREATE FUNCTION dyntables.moves(source oid) RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(nullif(current_setting('dyntables.moves_' || source, true), ''), '{"mark": 100}')::jsonb
$$;

CREATE FUNCTION dyntables.lose_moves(source oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT dyntables.moves(source) ? 'lost' THEN
        INSERT INTO dyntables.source_event (relation, kind) VALUES (source, 'ROWS_MOVED');
        PERFORM set_config('dyntables.moves_' || source, '{"lost": true}', true);
    END IF;
END $$;

CREATE FUNCTION dyntables.tuples_moved(source oid, OUT inserted bigint, OUT deleted bigint) LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT sum(pg_stat_get_xact_tuples_inserted(p.relid)), sum(pg_stat_get_xact_tuples_deleted(p.relid))
    FROM pg_partition_tree(source) p
$$;

-- Called for each row that a MERGE moves, before it does.
CREATE FUNCTION dyntables.note_move(source oid, context text) RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state jsonb := dyntables.moves(source);
    level constant text := dyntables.statement_level(context);
    latest jsonb := state -> level;
BEGIN
    IF state ? 'lost' THEN
        RETURN NULL;
    ELSIF latest ->> 'phase' = 'on' THEN
        latest := latest || jsonb_build_object('moves', (latest ->> 'moves')::integer + 1);
    ELSIF current_setting('track_counts') <> 'on' OR (state ->> 'mark')::integer > 32000 OR EXISTS (
        -- What else changes or suppresses the row on its way.
        SELECT FROM pg_trigger g JOIN pg_partition_tree(source) p ON p.relid = g.tgrelid
        WHERE g.tgenabled <> 'D' AND g.tgtype & 3 = 3 AND (g.tgtype & 12 <> 0 OR g.tgname > '~dyntables_capture_move'))
    THEN
        PERFORM dyntables.lose_moves(source);
        RETURN NULL;
    ELSE
        latest := jsonb_build_object('phase', 'on', 'mark', (state ->> 'mark')::integer + 1, 'moves', 1);
    END IF;
    state := state || jsonb_build_object('mark', greatest((state ->> 'mark')::integer, (latest ->> 'mark')::integer), level, latest);
    PERFORM set_config('dyntables.moves_' || source, state::text, true);
    RETURN latest ->> 'mark';
END $$;

-- Called by the statement triggers where rows have moved: which mark is in their transition table, too, and how often.
CREATE FUNCTION dyntables.moved_rows(source oid, op text, context text, changed bigint, OUT mark integer, OUT moves integer)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state jsonb := dyntables.moves(source);
    level constant integer := dyntables.statement_level(context);
    latest jsonb := state -> level::text;
    tuples record := dyntables.tuples_moved(source);
    since bigint;
BEGIN
    IF state ? 'lost' THEN
        RETURN;
    END IF;
    -- What was inside of this statement has ended; what this one is inside of is not any more all that has written.
    state := (SELECT jsonb_object_agg(key, CASE WHEN key = 'mark' OR value ->> 'phase' <> 'done' THEN value
                                                WHEN key::integer < level THEN value || '{"phase": "dirty"}' ELSE value END)
              FROM jsonb_each(state) WHERE CASE key WHEN 'mark' THEN true ELSE key::integer <= level END);
    IF latest ->> 'phase' = 'dirty' AND op <> 'UPDATE' THEN
        PERFORM dyntables.lose_moves(source);
        RETURN;
    ELSIF op = 'UPDATE' AND latest ->> 'phase' = 'on' THEN
        latest := latest || jsonb_build_object('phase', 'done', 'INSERT', tuples.inserted, 'DELETE', tuples.deleted);
    ELSIF op <> 'UPDATE' AND latest IS NOT NULL THEN
        since := CASE op WHEN 'INSERT' THEN tuples.inserted ELSE tuples.deleted END - (latest ->> op)::bigint;
        IF coalesce(since, 0) = 0 AND changed >= (latest ->> 'moves')::bigint THEN
            mark := latest ->> 'mark';
            moves := latest ->> 'moves';
        ELSIF since = changed THEN -- a later statement
            latest := latest || jsonb_build_object(op, (latest ->> op)::bigint + since);
        ELSE
            PERFORM dyntables.lose_moves(source);
            RETURN;
        END IF;
    END IF;
    IF latest IS NOT NULL THEN
        state := state || jsonb_build_object(level::text, latest);
    END IF;
    PERFORM set_config('dyntables.moves_' || source, state::text, true);
END $$;

-- The columns on which it depends in which partition a row belongs, all if it is by an expression; and whether to find
-- out takes code of others.
CREATE FUNCTION dyntables.partition_key(leaf oid, OUT names text[], OUT foreign_code boolean) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    WITH key AS (
        SELECT p.partrelid, p.partclass, p.partexprs::text AS exprs, k.attnum
        FROM pg_partition_ancestors(leaf) a JOIN pg_partitioned_table p ON p.partrelid = a.relid, unnest(p.partattrs) k (attnum)
    )
    SELECT coalesce(CASE WHEN bool_and(k.attnum > 0) THEN array_agg(DISTINCT a.attname::text) END, ARRAY(
            SELECT c.attname::text FROM pg_attribute c WHERE c.attrelid = leaf AND c.attnum > 0 AND NOT c.attisdropped AND c.attgenerated = '')),
        bool_or(16384 <= ANY (k.partclass::oid[]) OR k.exprs ~ 'COERCETODOMAIN' OR t.oid >= 16384 AND t.typtype <> 'e' OR EXISTS (
            SELECT FROM regexp_matches(k.exprs, ':(?:funcid|opfuncid|opno) (\d+)', 'g') m WHERE m[1]::bigint >= 16384))
    FROM key k LEFT JOIN pg_attribute a ON a.attrelid = k.partrelid AND a.attnum = k.attnum AND k.attnum > 0
    LEFT JOIN pg_type t ON t.oid = a.atttypid
$$;

CREATE FUNCTION dyntables.capture_moves(of_source oid, leaf oid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key record := dyntables.partition_key(leaf);
    before constant text := (SELECT string_agg(format('old.%I', n), ', ') FROM unnest(key.names) n);
    after constant text := (SELECT string_agg(format('new.%I', n), ', ') FROM unnest(key.names) n);
BEGIN
    -- By its name it is the last to see the new row.
    EXECUTE format('CREATE OR REPLACE TRIGGER "~dyntables_capture_move" BEFORE UPDATE ON %s FOR EACH ROW '
        'WHEN (record_image_ne(ROW(%s), ROW(%s))) EXECUTE FUNCTION dyntables_log.m%s(%s)', leaf::regclass,
        before, after, of_source,
        CASE WHEN key.foreign_code THEN quote_literal('foreign') END);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER "~dyntables_capture_move"', leaf::regclass);
END $$;

CREATE OR REPLACE FUNCTION dyntables.capture_mark(member oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(pg_catalog.string_agg(pg_catalog.concat(tgname, tgenabled, xmin), ' ' ORDER BY tgname), '')
    FROM pg_catalog.pg_trigger WHERE tgrelid = member AND tgname ~ '^~?dyntables_capture_'
$$;

DO $$
DECLARE
    body constant text := pg_get_functiondef('dyntables.capture_member(oid, oid, boolean)'::regprocedure);
    place constant text := '    INSERT INTO dyntables.source_member VALUES (of_source';
BEGIN
    EXECUTE replace(body, place, E'    IF of_source <> on_table AND EXISTS (SELECT FROM pg_class WHERE oid = on_table AND relkind = ''r'') THEN\n'
        '        PERFORM dyntables.capture_moves(of_source, on_table);\n    END IF;\n' || place);
END $$;

-- Logs: no code of a type of somebody else's is run by what is done to a log. A domain's checks would be, when the log is
-- widened, so its base type is logged; and comparisons, or the difference of a range, when the log is analysed.
CREATE FUNCTION dyntables.log_type(relation oid, number smallint) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE base (oid, modifier, "collation") AS (
        SELECT a.atttypid, a.atttypmod, a.attcollation FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum = number
        UNION ALL SELECT t.typbasetype, t.typtypmod, b."collation" FROM base b JOIN pg_type t ON t.oid = b.oid AND t.typtype = 'd'
    )
    SELECT format_type(b.oid, b.modifier) || CASE WHEN b."collation" IN (0, t.typcollation) THEN '' ELSE (
        SELECT format(' COLLATE %I.%I', n.nspname, c.collname) FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
        WHERE c.oid = b."collation") END
    FROM base b JOIN pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
$$;
COMMENT ON FUNCTION dyntables.log_type IS 'The type, with its collation, in which a change log holds a column.';

CREATE FUNCTION dyntables.leave_unanalysed(log regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT a.attname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = log AND a.attnum > 0 AND NOT a.attisdropped AND t.oid >= 16384 AND t.typtype <> 'e'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', log, item.attname);
    END LOOP;
END $$;
DO $$
BEGIN
    PERFORM dyntables.leave_unanalysed(c.oid) FROM pg_class c WHERE c.relnamespace = 'dyntables_log'::regnamespace AND c.relkind = 'r';
END $$;

-- Partitioned sources get the new triggers at the next refresh.
UPDATE dyntables.source_member m SET mark = '' FROM pg_class c WHERE c.oid = m.relation AND c.relkind = 'p';
