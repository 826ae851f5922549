CREATE TABLE payments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account integer NOT NULL, amount numeric NOT NULL);
INSERT INTO payments (account, amount) SELECT n % 10, n FROM generate_series(1, 100) n;
CREATE TABLE noted (what text PRIMARY KEY, value numeric);
-- Declared immutable, which it is but for the time it takes: so a refresh can be caught at work.
CREATE FUNCTION taking_its_time(amount numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN PERFORM pg_catalog.pg_sleep(0.002); RETURN amount; END $$;
