"""Writes that come about otherwise, and columns of special kinds."""

from __future__ import annotations

from tests.sources.cases.case import ALTERED, REINIT, SETUP, Case

MECHANISMS = [
    Case(
        "cascading_delete",
        "a foreign key ON DELETE CASCADE",
        "DELETE FROM parent WHERE id = 1",
        setup=SETUP + "CREATE TABLE parent (id integer PRIMARY KEY); INSERT INTO parent VALUES (1), (2); "
        "ALTER TABLE s ADD r integer REFERENCES parent ON DELETE CASCADE; UPDATE s SET r = 1 + id % 2",
    ),
    Case(
        "cascading_set_null",
        "a foreign key ON DELETE SET NULL",
        "DELETE FROM parent WHERE id = 1",
        setup=SETUP + "CREATE TABLE parent (id integer PRIMARY KEY); INSERT INTO parent SELECT generate_series(0, 4); "
        "ALTER TABLE s ADD FOREIGN KEY (k) REFERENCES parent ON DELETE SET NULL",
        follow="DELETE FROM s WHERE id = 2",
    ),
    Case(
        "rule",
        "a rule that writes the source",
        "INSERT INTO r VALUES (300, 1, 5, 5); DELETE FROM r",
        setup=SETUP + "CREATE TABLE r (LIKE s); "
        "CREATE RULE a AS ON INSERT TO r DO INSTEAD INSERT INTO s VALUES (NEW.*); "
        "CREATE RULE b AS ON DELETE TO r DO INSTEAD DELETE FROM s WHERE id < 5",
    ),
    Case(
        "before_trigger",
        "BEFORE triggers that change or suppress rows",
        "INSERT INTO s VALUES (301, 1, 5, 5), (302, 1, 5, 5); DELETE FROM s WHERE id > 40",
        setup=SETUP + "CREATE FUNCTION b() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' THEN RETURN CASE WHEN OLD.id % 2 = 0 THEN OLD END; END IF; "
        "IF NEW.id = 302 THEN RETURN NULL; END IF; NEW.v := 77; RETURN NEW; END $$; "
        "CREATE TRIGGER b BEFORE INSERT OR DELETE ON s FOR EACH ROW EXECUTE FUNCTION b()",
    ),
    Case(
        "after_trigger",
        "AFTER triggers that write the source again",
        "INSERT INTO s VALUES (303, 1, 5, 5)",
        setup=SETUP + "CREATE FUNCTION a() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE s SET v = v + 1 WHERE id = NEW.id; INSERT INTO s VALUES (NEW.id + 1000, 2, 1, 1); RETURN NULL; END $$; "
        "CREATE TRIGGER a AFTER INSERT ON s FOR EACH ROW WHEN (NEW.id < 1000) EXECUTE FUNCTION a()",
        follow="INSERT INTO s VALUES (304, 1, 5, 5)",
    ),
    Case(
        "generated_column",
        "a stored generated column",
        "INSERT INTO s (id, k) VALUES (305, 1); UPDATE s SET k = 9",
        setup=SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) STORED",
        query="SELECT g, count(*) AS n FROM s GROUP BY g",
    ),
    Case(
        "generated_column_redefined",
        "another expression for a stored generated column",
        ("ALTER TABLE s DROP g", "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 3) STORED"),
        REINIT,
        ALTERED,
        setup=SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) STORED",
        query="SELECT g, count(*) AS n FROM s GROUP BY g",
    ),
    Case(
        "virtual_column",
        "a virtual generated column",
        "INSERT INTO s (id, k) VALUES (305, 1); UPDATE s SET k = 9 WHERE id < 9",
        setup=SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) VIRTUAL",
        query="SELECT g, count(*) AS n FROM s GROUP BY g",
        versions=(18,),
    ),
    Case(
        "virtual_column_redefined",
        "another expression for a virtual generated column",
        ("ALTER TABLE s ALTER g SET EXPRESSION AS (k * 3)", "UPDATE s SET k = 9 WHERE id < 9"),
        REINIT,
        ALTERED,
        setup=SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) VIRTUAL",
        query="SELECT g, count(*) AS n FROM s GROUP BY g",
        versions=(18,),
    ),
    Case(
        "odd_names",
        "columns called as variables of a trigger function are, as columns of the change log, or as SQL",
        "INSERT INTO m VALUES (2, 1, 1, 1); UPDATE m SET found = 5 WHERE id = 1",
        setup='CREATE TABLE m (id integer, found integer, "__dt_weight" integer, "$dyntables$; DROP TABLE m; --" '
        "integer); INSERT INTO m VALUES (1, 1, 1, 1)",
        query='SELECT found, sum("__dt_weight") AS w, max("$dyntables$; DROP TABLE m; --") AS m FROM m GROUP BY found',
        follow="INSERT INTO m VALUES (3, 1, 1, 1)",
    ),
    Case(
        "published",
        "a publication of all tables: sources, storage, logs and catalog",
        ("CREATE PUBLICATION everything FOR ALL TABLES", "UPDATE s SET v = v + 1; DELETE FROM s WHERE k = 0"),
    ),
    Case(
        "identity_column",
        "an identity column",
        "INSERT INTO i (v) VALUES (1), (2); DELETE FROM i WHERE id = 1",
        setup="CREATE TABLE i (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v integer); INSERT INTO i "
        "(v) VALUES (0)",
        query="SELECT id, v FROM i",
        follow="INSERT INTO i (v) VALUES (3)",
    ),
    Case(
        "enum_value",
        "ALTER TYPE … ADD VALUE of an enum in use",
        ("ALTER TYPE mood ADD VALUE 'new' BEFORE 'sad'", "UPDATE m SET a = 'new' WHERE id = 1"),
        setup="CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE m (id integer, a mood); "
        "INSERT INTO m VALUES (1, 'sad'), (2, 'glad')",
        query="SELECT a, count(*) AS n FROM m GROUP BY a",
        follow="INSERT INTO m VALUES (3, 'sad')",
    ),
    Case(
        "types_of_the_search_path",
        "writes of a column whose type the search_path makes visible",
        "UPDATE m SET a = 'glad'; DELETE FROM m WHERE id = 2",
        setup="CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE m (id integer, a mood); "
        "INSERT INTO m VALUES (1, 'sad'), (2, 'glad')",
        query="SELECT a, count(*) AS n FROM m GROUP BY a",
        follow="INSERT INTO m VALUES (3, 'sad')",
    ),
]
