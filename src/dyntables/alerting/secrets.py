"""What channels keep secret: encrypted with a key that the database never has."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from platformdirs import user_data_path

from dyntables.errors import InvalidOptionError

VARIABLE = "DYNTABLES_SECRET_KEY"


class Vault:
    """Encrypts and decrypts; the key comes from the environment, or from a file that only its owner can read."""

    def __init__(self, key: str | None = None) -> None:
        """Take a key, the one of the environment, or the one of the file, which is made if there is none.

        Raises:
            InvalidOptionError: the key is none.
        """
        given = key or os.environ.get(VARIABLE) or _from_file()
        try:
            self._cipher = Fernet(given)
        except ValueError:
            raise InvalidOptionError(
                f"{VARIABLE} is no key", hint="It is 32 bytes in URL-safe base64, 44 characters."
            ) from None

    def encrypt(self, secret: str) -> bytes:
        """Return a secret as the catalog keeps it."""
        return self._cipher.encrypt(secret.encode())

    def decrypt(self, secret: bytes | None) -> str | None:
        """Return a secret of the catalog.

        Raises:
            InvalidOptionError: it was encrypted with another key.
        """
        if secret is None:
            return None
        try:
            return self._cipher.decrypt(bytes(secret)).decode()
        except InvalidToken:
            raise InvalidOptionError(
                "the secret of the channel was encrypted with another key",
                hint=f"Give every process the same {VARIABLE}, or set the secret again.",
            ) from None


def _from_file() -> str:
    path = user_data_path("dyntables") / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(Fernet.generate_key().decode())
    return _read(path)


def _read(path: Path) -> str:
    return path.read_text().strip()
