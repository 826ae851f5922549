"""Passwords: argon2id with the library's parameters, which follow RFC 9106."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dyntables.errors import InvalidOptionError

_SHORTEST, _LONGEST = 10, 1000
_hasher = PasswordHasher()
# Compared with when there is no such user, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody's password")


def hash_password(password: str) -> str:
    """Return the hash of a new password.

    Raises:
        InvalidOptionError: it is too short or too long.
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise InvalidOptionError(f"a password has {_SHORTEST} to {_LONGEST} characters")
    return _hasher.hash(password)


def password_fits(password: str, hashed: str | None) -> bool:
    """Tell whether a password belongs to a hash; it takes the same time if there is none."""
    try:
        fits = _hasher.verify(hashed or _NOBODY, password[: _LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return fits and hashed is not None


def is_outdated(hashed: str) -> bool:
    """Tell whether a hash was made with older parameters."""
    return _hasher.check_needs_rehash(hashed)
