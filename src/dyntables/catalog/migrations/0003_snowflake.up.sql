-- What Snowflake's functions mean where PostgreSQL has none of the same meaning. The type of the argument chooses the
-- overload, and a type that has none is an error: nothing changes its meaning silently.
CREATE SCHEMA dyntables_snowflake;
COMMENT ON SCHEMA dyntables_snowflake IS 'Functions that definitions in Snowflake''s dialect call.';


-- Numbers: exact ones are numeric, inexact ones double precision.
CREATE FUNCTION dyntables_snowflake.num(smallint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.num(integer) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.num(bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.num(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.num(real) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.num(double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.number_text(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $1 ~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$' THEN $1 ELSE 'not a number: ' || $1 END $$;
CREATE FUNCTION dyntables_snowflake.num(text) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.number_text($1)::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(smallint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(integer) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(real) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(text) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.number_text($1)::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(boolean) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::integer::numeric $$;
CREATE FUNCTION dyntables_snowflake.to_number(jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE jsonb_typeof($1) WHEN 'boolean' THEN ($1::boolean)::integer::numeric ELSE ($1 #>> '{}')::numeric END $$;
CREATE FUNCTION dyntables_snowflake.to_double(text) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN lower(btrim($1)) IN ('nan', 'inf', '-inf') THEN $1 ELSE dyntables_snowflake.number_text($1) END::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(smallint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(real) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(boolean) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::integer::double precision $$;
CREATE FUNCTION dyntables_snowflake.to_double(jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT ($1 #>> '{}')::double precision $$;

-- A quotient of exact numbers has six digits more than its dividend, at most twelve, unless the dividend has more.
CREATE FUNCTION dyntables_snowflake.divide(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT round(round($1, greatest(scale($1), least(scale($1) + 6, 12)) + 1) / $2, greatest(scale($1), least(scale($1) + 6, 12))) $$;
CREATE FUNCTION dyntables_snowflake.divide(double precision, double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 / $2 $$;
CREATE FUNCTION dyntables_snowflake.div0(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $2 = 0 THEN 0 ELSE dyntables_snowflake.divide($1, $2) END $$;
CREATE FUNCTION dyntables_snowflake.div0(double precision, double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $2 = 0 THEN 0 ELSE $1 / $2 END $$;
CREATE FUNCTION dyntables_snowflake.round(numeric, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.round($1, $2) $$;
CREATE FUNCTION dyntables_snowflake.round(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.round($1::numeric, $2)::double precision $$;
CREATE FUNCTION dyntables_snowflake.trunc(numeric, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.trunc($1, $2) $$;
CREATE FUNCTION dyntables_snowflake.trunc(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.trunc($1::numeric, $2)::double precision $$;
CREATE FUNCTION dyntables_snowflake.ceil(numeric, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.ceil($1 * power(10::numeric, $2)) / power(10::numeric, $2) $$;
CREATE FUNCTION dyntables_snowflake.ceil(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT (pg_catalog.ceil($1::numeric * power(10::numeric, $2)) / power(10::numeric, $2))::double precision $$;
CREATE FUNCTION dyntables_snowflake.floor(numeric, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.floor($1 * power(10::numeric, $2)) / power(10::numeric, $2) $$;
CREATE FUNCTION dyntables_snowflake.floor(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT (pg_catalog.floor($1::numeric * power(10::numeric, $2)) / power(10::numeric, $2))::double precision $$;

-- Booleans.
CREATE FUNCTION dyntables_snowflake.to_boolean(boolean) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.to_boolean(text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN lower(btrim($1)) IN ('true', 't', 'yes', 'y', 'on', '1') THEN true WHEN lower(btrim($1)) IN ('false', 'f', 'no', 'n', 'off', '0') THEN false ELSE ('not a boolean: ' || $1)::boolean END $$;
CREATE FUNCTION dyntables_snowflake.to_boolean(smallint) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 <> 0 $$;
CREATE FUNCTION dyntables_snowflake.to_boolean(integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 <> 0 $$;
CREATE FUNCTION dyntables_snowflake.to_boolean(bigint) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 <> 0 $$;
CREATE FUNCTION dyntables_snowflake.to_boolean(numeric) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 <> 0 $$;
CREATE FUNCTION dyntables_snowflake.to_boolean(double precision) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 <> 0 $$;
CREATE FUNCTION dyntables_snowflake.to_boolean(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE jsonb_typeof($1) WHEN 'number' THEN ($1 #>> '{}')::numeric <> 0 ELSE ($1 #>> '{}')::boolean END $$;

-- Text of a value. There is none for FLOAT, whose digits Snowflake chooses otherwise.
CREATE FUNCTION dyntables_snowflake.to_text(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.to_text(smallint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::text $$;
CREATE FUNCTION dyntables_snowflake.to_text(integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::text $$;
CREATE FUNCTION dyntables_snowflake.to_text(bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::text $$;
CREATE FUNCTION dyntables_snowflake.to_text(numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::text $$;
CREATE FUNCTION dyntables_snowflake.to_text(boolean) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::text $$;
CREATE FUNCTION dyntables_snowflake.to_text(uuid) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::text $$;
CREATE FUNCTION dyntables_snowflake.to_text(date) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_char($1::timestamp, 'YYYY-MM-DD') $$;
CREATE FUNCTION dyntables_snowflake.to_text(time) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_char($1::interval, 'HH24:MI:SS') $$;
CREATE FUNCTION dyntables_snowflake.to_text(timestamp) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_char($1, 'YYYY-MM-DD HH24:MI:SS.MS') $$;
CREATE FUNCTION dyntables_snowflake.to_text(timestamptz) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_char($1, 'YYYY-MM-DD HH24:MI:SS.MS TZHTZM') $$;
CREATE FUNCTION dyntables_snowflake.to_text(jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 #>> '{}' $$;
CREATE FUNCTION dyntables_snowflake.substr(text, integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $2 >= 0 THEN pg_catalog.substr($1, greatest($2, 1)) WHEN -$2 > length($1) THEN '' ELSE right($1, -$2) END $$;
CREATE FUNCTION dyntables_snowflake.substr(text, integer, integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT left(dyntables_snowflake.substr($1, $2), greatest($3, 0)) $$;
CREATE FUNCTION dyntables_snowflake.split_part(text, text, integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.split_part($1, $2, CASE $3 WHEN 0 THEN 1 ELSE $3 END) $$;
CREATE FUNCTION dyntables_snowflake.position(text, text, integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE strpos(pg_catalog.substr($2, greatest($3, 1)), $1) WHEN 0 THEN 0 ELSE strpos(pg_catalog.substr($2, greatest($3, 1)), $1) + greatest($3, 1) - 1 END $$;

-- Dates and times. A text of digits counts seconds, milliseconds, microseconds or nanoseconds from 1970.
CREATE FUNCTION dyntables_snowflake.epoch(numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT timestamp '1970-01-01' + CASE WHEN abs($1) < 31536000000 THEN $1 * 1000000 WHEN abs($1) < 31536000000000 THEN $1 * 1000 WHEN abs($1) < 31536000000000000 THEN $1 ELSE trunc($1 / 1000) END * interval '1 microsecond' $$;
CREATE FUNCTION dyntables_snowflake.date_text(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $1 ~ '^\s*(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}-[A-Za-z]{3}-\d{4})([T ]+\d{1,2}:\d{2}.*)?\s*$' THEN $1 ELSE 'not a date: ' || $1 END $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(date) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::timestamp $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(timestamptz) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT $1::timestamp $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(integer) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT timestamp '1970-01-01' + $1 * interval '1 second' $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT timestamp '1970-01-01' + $1 * interval '1 second' $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT timestamp '1970-01-01' + $1 * interval '1 second' $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(text) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO, MDY' SET timezone = 'UTC'
    AS $$ SELECT CASE WHEN $1 ~ '^\d+$' THEN dyntables_snowflake.epoch($1::numeric) ELSE dyntables_snowflake.date_text($1)::timestamp END $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(text, text) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO, MDY' SET timezone = 'UTC'
    AS $$ SELECT pg_catalog.to_timestamp($1, $2)::timestamp $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp(jsonb) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_timestamp($1 #>> '{}') $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp_ltz(timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp_ltz(timestamp) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::timestamptz $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp_ltz(date) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1::timestamptz $$;
CREATE FUNCTION dyntables_snowflake.to_timestamp_ltz(text) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_timestamp($1)::timestamptz $$;
CREATE FUNCTION dyntables_snowflake.to_date(date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.to_date(timestamp) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::date $$;
CREATE FUNCTION dyntables_snowflake.to_date(timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT $1::date $$;
CREATE FUNCTION dyntables_snowflake.to_date(text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO, MDY' SET timezone = 'UTC'
    AS $$ SELECT CASE WHEN $1 ~ '^\d+$' THEN dyntables_snowflake.epoch($1::numeric)::date ELSE dyntables_snowflake.date_text($1)::date END $$;
CREATE FUNCTION dyntables_snowflake.to_date(text, text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO, MDY' SET timezone = 'UTC'
    AS $$ SELECT pg_catalog.to_date($1, $2) $$;
CREATE FUNCTION dyntables_snowflake.to_date(jsonb) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_date($1 #>> '{}') $$;
CREATE FUNCTION dyntables_snowflake.to_time(time) RETURNS time LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.to_time(timestamp) RETURNS time LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::time $$;
CREATE FUNCTION dyntables_snowflake.to_time(text) RETURNS time LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO, MDY' SET timezone = 'UTC'
    AS $$ SELECT CASE WHEN $1 ~ '^\s*\d{1,2}:\d{2}' THEN $1 ELSE 'not a time: ' || $1 END::time $$;
CREATE FUNCTION dyntables_snowflake.to_time(jsonb) RETURNS time LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_time($1 #>> '{}') $$;
CREATE FUNCTION dyntables_snowflake.ntz(timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.ntz(date) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::timestamp $$;
CREATE FUNCTION dyntables_snowflake.ntz(time) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT timestamp '1970-01-01' + $1 $$;
CREATE FUNCTION dyntables_snowflake.ntz(text) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_timestamp($1) $$;
CREATE FUNCTION dyntables_snowflake.instant(timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1 $$;
CREATE FUNCTION dyntables_snowflake.instant(date) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::timestamp $$;
CREATE FUNCTION dyntables_snowflake.instant(time) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT timestamp '1970-01-01' + $1 $$;
CREATE FUNCTION dyntables_snowflake.instant(text) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_timestamp($1) $$;
CREATE FUNCTION dyntables_snowflake.ntz(timestamptz) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT $1::timestamp $$;
CREATE FUNCTION dyntables_snowflake.instant(timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 AT TIME ZONE 'UTC' $$;
CREATE FUNCTION dyntables_snowflake.add_days(date, numeric, interval) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT ($1 + pg_catalog.round($2)::integer * $3)::date $$;
CREATE FUNCTION dyntables_snowflake.add_days(timestamp, numeric, interval) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 + pg_catalog.round($2)::integer * $3 $$;
CREATE FUNCTION dyntables_snowflake.add_days(timestamptz, numeric, interval) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 + pg_catalog.round($2)::integer * $3 $$;
CREATE FUNCTION dyntables_snowflake.add_days(text, numeric, interval) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_timestamp($1) + pg_catalog.round($2)::integer * $3 $$;
CREATE FUNCTION dyntables_snowflake.add_time(date, numeric, interval) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 + pg_catalog.round($2)::bigint * $3 $$;
CREATE FUNCTION dyntables_snowflake.add_time(timestamp, numeric, interval) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 + pg_catalog.round($2)::bigint * $3 $$;
CREATE FUNCTION dyntables_snowflake.add_time(timestamptz, numeric, interval) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 + pg_catalog.round($2)::bigint * $3 $$;
CREATE FUNCTION dyntables_snowflake.add_time(time, numeric, interval) RETURNS time LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 + pg_catalog.round($2)::bigint * $3 $$;
CREATE FUNCTION dyntables_snowflake.add_time(text, numeric, interval) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.to_timestamp($1) + pg_catalog.round($2)::bigint * $3 $$;
CREATE FUNCTION dyntables_snowflake.date_trunc(text, date) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.date_trunc($1, $2::timestamp)::date $$;
CREATE FUNCTION dyntables_snowflake.date_trunc(text, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.date_trunc($1, $2) $$;
CREATE FUNCTION dyntables_snowflake.date_trunc(text, timestamptz) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.date_trunc($1, $2) $$;
CREATE FUNCTION dyntables_snowflake.date_trunc(text, time) RETURNS time LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.date_trunc($1, $2::interval)::time $$;
CREATE FUNCTION dyntables_snowflake.date_trunc(text, text) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.date_trunc($1, dyntables_snowflake.to_timestamp($2)) $$;
CREATE FUNCTION dyntables_snowflake.datediff(part text, begins timestamp, ends timestamp) RETURNS bigint LANGUAGE sql
    IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE part
        WHEN 'year' THEN extract(year FROM ends) - extract(year FROM begins)
        WHEN 'quarter' THEN (extract(year FROM ends) - extract(year FROM begins)) * 4
            + extract(quarter FROM ends) - extract(quarter FROM begins)
        WHEN 'month' THEN (extract(year FROM ends) - extract(year FROM begins)) * 12
            + extract(month FROM ends) - extract(month FROM begins)
        WHEN 'week' THEN (date_trunc('week', ends)::date - date_trunc('week', begins)::date) / 7
        WHEN 'day' THEN ends::date - begins::date
        ELSE round(extract(epoch FROM date_trunc(part, ends) - date_trunc(part, begins))
            / CASE part WHEN 'hour' THEN 3600 WHEN 'minute' THEN 60 WHEN 'second' THEN 1 WHEN 'millisecond' THEN 0.001
              WHEN 'microsecond' THEN 0.000001 END)
    END::bigint $$;
CREATE FUNCTION dyntables_snowflake.add_months(date, numeric) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $1::date = (date_trunc('month', $1::timestamp) + interval '1 month' - interval '1 day')::date THEN (date_trunc('month', ($1::timestamp + pg_catalog.round($2)::integer * interval '1 month')) + interval '1 month' - interval '1 day')::date ELSE ($1 + pg_catalog.round($2)::integer * interval '1 month')::date END $$;
CREATE FUNCTION dyntables_snowflake.add_months(timestamp, numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $1::date = (date_trunc('month', $1::timestamp) + interval '1 month' - interval '1 day')::date THEN (date_trunc('month', ($1::timestamp + pg_catalog.round($2)::integer * interval '1 month')) + interval '1 month' - interval '1 day')::date + $1::time ELSE $1 + pg_catalog.round($2)::integer * interval '1 month' END $$;
CREATE FUNCTION dyntables_snowflake.add_months(text, numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.add_months(dyntables_snowflake.to_timestamp($1), $2) $$;
CREATE FUNCTION dyntables_snowflake.date_from_parts(numeric, numeric, numeric) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT (make_date($1::integer, 1, 1) + ($2::integer - 1) * interval '1 month' + ($3::integer - 1) * interval '1 day')::date $$;
CREATE FUNCTION dyntables_snowflake.timestamp_from_parts(numeric, numeric, numeric, numeric, numeric, numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT dyntables_snowflake.date_from_parts($1, $2, $3) + make_interval(hours => $4::integer, mins => $5::integer, secs => $6::integer) $$;

-- Semi-structured data.
CREATE FUNCTION dyntables_snowflake.parse_json(text) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN btrim($1) <> '' THEN $1::jsonb END $$;
CREATE FUNCTION dyntables_snowflake.to_variant(anyelement) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT to_jsonb($1) $$;
CREATE FUNCTION dyntables_snowflake.to_variant(text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT to_jsonb($1) $$;
CREATE FUNCTION dyntables_snowflake.to_variant(date) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_jsonb($1) $$;
CREATE FUNCTION dyntables_snowflake.to_variant(timestamp) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_jsonb(dyntables_snowflake.to_text($1)) $$;
CREATE FUNCTION dyntables_snowflake.to_variant(timestamptz) RETURNS jsonb LANGUAGE sql STABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_jsonb(dyntables_snowflake.to_text($1)) $$;
CREATE FUNCTION dyntables_snowflake.to_object(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN jsonb_typeof($1) <> 'null' THEN $1 END $$;
CREATE FUNCTION dyntables_snowflake.to_array(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE jsonb_typeof($1) WHEN 'array' THEN $1 WHEN 'null' THEN NULL ELSE jsonb_build_array($1) END $$;
CREATE FUNCTION dyntables_snowflake.get(jsonb, text) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT $1 -> $2 $$;
CREATE FUNCTION dyntables_snowflake.get(jsonb, bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN $2 >= 0 THEN $1 -> $2::integer END $$;
CREATE FUNCTION dyntables_snowflake.array_size(jsonb) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN jsonb_typeof($1) = 'array' THEN jsonb_array_length($1) END $$;
CREATE FUNCTION dyntables_snowflake.array_contains(anyelement, jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT EXISTS (SELECT FROM jsonb_array_elements($2) AS e (v) WHERE e.v = to_jsonb($1)) $$;
CREATE FUNCTION dyntables_snowflake.array_to_string(jsonb, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT coalesce((SELECT string_agg(e.v, $2 ORDER BY e.n) FROM jsonb_array_elements_text($1) WITH ORDINALITY AS e (v, n)), '') $$;
CREATE FUNCTION dyntables_snowflake.object_keys(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT coalesce((SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys($1) AS k), '[]'::jsonb) $$;
CREATE FUNCTION dyntables_snowflake.flatten(input jsonb, mode text)
    RETURNS TABLE (key text, index bigint, value jsonb, this jsonb) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT NULL::text, e.n - 1, e.v, input
    FROM jsonb_array_elements(CASE WHEN jsonb_typeof(input) = 'array' AND mode <> 'OBJECT' THEN input END)
        WITH ORDINALITY AS e (v, n)
    UNION ALL
    SELECT e.k, NULL, e.v, input
    FROM jsonb_each(CASE WHEN jsonb_typeof(input) = 'object' AND mode <> 'ARRAY' THEN input END) AS e (k, v) $$;

-- What gives NULL where the text does not fit.
CREATE FUNCTION dyntables_snowflake.try_to_number(text, integer, integer) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN CASE WHEN abs(pg_catalog.round(dyntables_snowflake.to_number($1), $3)) < power(10::numeric, $2 - $3) THEN pg_catalog.round(dyntables_snowflake.to_number($1), $3) END;
EXCEPTION WHEN data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END $$;
CREATE FUNCTION dyntables_snowflake.try_to_double(text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN dyntables_snowflake.to_double($1);
EXCEPTION WHEN data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END $$;
CREATE FUNCTION dyntables_snowflake.try_to_boolean(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN dyntables_snowflake.to_boolean($1);
EXCEPTION WHEN data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END $$;
CREATE FUNCTION dyntables_snowflake.try_to_date(text) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN dyntables_snowflake.to_date($1);
EXCEPTION WHEN data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END $$;
CREATE FUNCTION dyntables_snowflake.try_to_time(text) RETURNS time LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN dyntables_snowflake.to_time($1);
EXCEPTION WHEN data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END $$;
CREATE FUNCTION dyntables_snowflake.try_to_timestamp(text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN dyntables_snowflake.to_timestamp($1);
EXCEPTION WHEN data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END $$;
CREATE FUNCTION dyntables_snowflake.try_parse_json(text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN dyntables_snowflake.parse_json($1);
EXCEPTION WHEN data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END $$;
