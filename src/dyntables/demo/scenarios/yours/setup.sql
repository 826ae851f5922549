CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, page text NOT NULL, seconds integer NOT NULL);
INSERT INTO visits (page, seconds) SELECT '/page/' || n % 20, n % 300 FROM generate_series(1, 5000) n;
ANALYZE visits;
