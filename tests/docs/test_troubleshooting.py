"""What docs/troubleshooting.md tells people to run shows, for each symptom, what the page says that it shows."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.errors import EngineError
from tests.docs.blocks import blocks
from tools.error_table import PAGE, errors_page


@pytest.mark.pg(15, 18)
def test_every_block_shows_its_fault(database_url: str) -> None:
    (have, why, modes, explain, reasons, failed, resume, refresh_verify, anew, *rest) = blocks("troubleshooting.md")
    sources, progress, undrop, rights = rest
    with dyntables.connect(database_url) as client:
        client.execute(have)
        assert "leads" in _text(client, why)
        assert client.execute(modes).rows == [("daily", "INCREMENTAL", None)]
        assert "refresh mode FULL" in _text(client, explain)
        assert "random" in _text(client, explain)
        client.execute("INSERT INTO orders VALUES (5001, 1, '2026-01-01', 5)")
        client.execute("ALTER DYNAMIC TABLE daily REFRESH")
        assert client.execute(reasons).rows[0][:2] == ("INCREMENTAL", "CHANGES")

        client.execute(
            "CREATE DYNAMIC TABLE shares TARGET_LAG = '1 hour' AS SELECT id, 1 / (price - 7000) AS share FROM orders"
        )
        client.execute("INSERT INTO orders VALUES (5002, 1, '2026-01-01', 7000)")
        with pytest.raises(EngineError, match="division by zero"):
            client.execute("ALTER DYNAMIC TABLE shares REFRESH")
        assert "division by zero" in client.execute(failed).rows[0][1]
        client.execute("DELETE FROM orders WHERE id = 5002")
        client.execute("DROP DYNAMIC TABLE shares")
        client.execute("ALTER DYNAMIC TABLE daily SUSPEND")
        client.execute(resume)
        proof = client.execute(refresh_verify)
        assert dict(zip(proof.columns, proof.rows[0], strict=True))["equal"] is True
        client.execute(anew)

        client.execute("INSERT INTO orders VALUES (5003, 1, '2026-01-01', 5)")
        assert client.execute(sources.split(";")[0]).rows[0][2:] == (1, "public.daily")
        assert client.execute(sources.split(";")[1]).rows[0][0] == "daily"
        assert client.execute(progress).rows == []
        client.execute(undrop)
        client.execute("SELECT FROM daily")
        role = f"somebody_{database_url.rsplit('/', 1)[-1].partition('?')[0]}"
        client.execute(f'CREATE ROLE "{role}"')
        try:
            client.execute(rights.replace("somebody", f'"{role}"'))
            assert client.execute("SELECT 1 FROM dyntables.privileges WHERE privilege = 'OPERATE'").rows == [(1,)]
        finally:
            client.execute(f'REVOKE OPERATE ON DYNAMIC TABLE daily FROM "{role}"')
            client.execute(f'DROP OWNED BY "{role}"')
            client.execute(f'DROP ROLE "{role}"')


def _text(client: dyntables.Client, statement: str) -> str:
    return "\n".join(str(row) for row in client.execute(statement).rows)


def test_the_table_of_codes_is_up_to_date() -> None:
    assert PAGE.read_text() == errors_page(PAGE.read_text()), "run: make docs"
