"""A proxy between a client and a server's Unix socket, that can be cut or go silent."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path


class Proxy:
    """Forwards connections until ``cut`` (both sides see the end) or ``freeze`` (nobody sees anything)."""

    def __init__(self, server: Path, home: Path) -> None:
        self.home = home
        self._server = server
        self._frozen = threading.Event()
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(home / ".s.PGSQL.5432"))
        self._listener.listen()
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database_url: str) -> str:
        """Return the URL of a database as seen through the proxy."""
        return database_url.replace(str(self._server.parent), str(self.home))

    def cut(self) -> None:
        """Close every connection that is open; new ones are welcome."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Forward nothing any more, and close nothing: a peer that has vanished."""
        self._frozen.set()

    def thaw(self) -> None:
        """Forward again, what waited first."""
        self._frozen.clear()

    def close(self) -> None:
        """Cut, and take no more connections."""
        self._closing = True
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._closing:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self._server))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs.append((client, server))
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with selectors.DefaultSelector() as selector, client, server:
            for side in other:
                selector.register(side, selectors.EVENT_READ)
            with contextlib.suppress(OSError):
                while True:
                    for key, _ in selector.select():
                        end = key.fileobj
                        assert isinstance(end, socket.socket)
                        data = end.recv(65536)
                        while self._frozen.is_set():
                            threading.Event().wait(0.02)
                        if not data:
                            return
                        other[end].sendall(data)


@contextlib.contextmanager
def proxy_of(socket_dir: Path) -> Iterator[Proxy]:
    """Give a proxy of the server whose socket is in a folder."""
    with tempfile.TemporaryDirectory(prefix="dyntables-proxy-") as home:
        os.chmod(home, 0o755)
        proxy = Proxy(socket_dir / ".s.PGSQL.5432", Path(home))
        try:
            yield proxy
        finally:
            proxy.close()
