"""Random histories of changes: no-op updates, key changes, NULLs, duplicates, whole groups out and in, TRUNCATE."""

from __future__ import annotations

import random


def change(choose: random.Random) -> str:
    """Return one random statement over tables a, b and c."""

    def one(*choices: str) -> str:
        return choose.choice(choices)

    def text() -> str:
        return one("NULL", "'x'", "'y'", "'yz'")

    nan, infinite = "'NaN'", "numeric 'Infinity'"
    first, last = choose.randint(1, 20), choose.randint(1, 25)
    statements = [
        (
            0.30,
            f"INSERT INTO a SELECT i, {text()}, {one('NULL', '1', '2', '3')}, {one('NULL', '1.50', '2', '-3', nan)}, "
            f"date '2024-01-01' + {choose.randint(0, 20)} FROM generate_series({first}, {last}) i "
            "ON CONFLICT (id) DO UPDATE SET x = excluded.x, g = excluded.g",
        ),
        (0.10, f"UPDATE a SET g = {text()} WHERE id % {choose.randint(1, 4)} = 0"),
        (0.04, "UPDATE a SET x = x"),
        (
            0.05,
            f"UPDATE a SET id = id + 100 WHERE id BETWEEN {choose.randint(1, 10)} AND 12 "
            "AND NOT EXISTS (SELECT 1 FROM a WHERE id > 100)",
        ),
        (0.10, f"DELETE FROM a WHERE {one('true', 'x = 1', 'g IS NULL', 'id < 10', 'g = ' + chr(39) + 'x' + chr(39))}"),
        (
            0.14,
            f"INSERT INTO b SELECT {one('1', '2', '3')}, {text()}, {one('NULL', 'i', '1')} "
            f"FROM generate_series(1, {choose.randint(1, 6)}) i",
        ),
        (0.06, f"UPDATE b SET a_id = {one('a_id', 'NULL', 'a_id + 1', '1')} WHERE id = {one('1', '2', '3')}"),
        (0.08, f"DELETE FROM b WHERE {one('id = 1', 'a_id IS NULL', 'true')}"),
        (
            0.08,
            f"INSERT INTO c SELECT {one('1', '2', 'NULL')}, {one('0.1', 'NULL', '-0.0', '1e10')}, {text()}, "
            f"{one('1', '1.0', '1.00', '2.5', 'NULL', infinite)} FROM generate_series(1, 3)",
        ),
        (0.04, f"UPDATE c SET n = {one('n * 1.0', '1.0', 'trim_scale(n)')}"),
        (0.05, f"DELETE FROM c WHERE {one('k = 1', 't IS NULL', 'true')}"),
    ]
    weights = [w for w, _ in statements]
    return choose.choices([s for _, s in statements], weights)[0]
