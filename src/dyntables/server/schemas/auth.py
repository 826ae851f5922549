"""Signing in, people and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from dyntables.server.schemas.base import Body, Schema
from dyntables.server.security.roles import How, Role

DatabaseRole = Annotated[str | None, Field(max_length=63, pattern=r"^[^\x00]*$")]


class Login(Body):
    """Name and password."""

    name: str = Field(min_length=1, max_length=100)
    password: SecretStr = Field(max_length=1000)


class Me(Schema):
    """Who asks; ``csrf_token`` goes into X-CSRF-Token of every write that relies on the cookie."""

    name: str
    role: Role
    how: How
    database_role: str | None = Field(description="The role of the database that they act for, if any.")
    csrf_token: str | None
    console_refused: str | None = Field(description="Why the SQL console does not serve them; null if it does.")
    console_rows: int = Field(description="Most rows that the SQL console shows; a file has every row.")
    console_seconds: float = Field(description="Longest time that a statement of the SQL console may take.")


class SignIn(Schema):
    """How one may sign in; served without credentials."""

    demo_mode: bool = Field(description="Nobody has to: every request is the demo admin's.")
    password: bool
    oidc: bool


class ChangePassword(Body):
    """A new password; the old one proves that it is you."""

    old_password: SecretStr = Field(max_length=1000)
    new_password: SecretStr = Field(max_length=1000)
    keep_tokens: bool = Field(False, description="Let your tokens live on; otherwise they end with the old password.")


class AppUser(Schema):
    """A person."""

    name: str
    role: Role
    database_role: str | None = Field(description="The role of the database that they act for, if any.")
    password: bool = Field(description="Whether they have a password.")
    issuer: str | None = Field(description="The OpenID Connect issuer that they sign in with.")
    disabled: bool
    created_at: datetime
    last_seen_at: datetime | None


class AddUser(Body):
    """A person to add."""

    name: str = Field(min_length=1, max_length=100, examples=["ada"])
    role: Role
    password: SecretStr | None = Field(None, max_length=1000)
    database_role: DatabaseRole = None


class ChangeUser(Body):
    """Changes of a person; what is left out stays. All their sign-ins end."""

    role: Role | None = None
    password: SecretStr | None = Field(None, max_length=1000)
    disabled: bool | None = None
    database_role: DatabaseRole = Field(None, description="Empty to take it away.")


class AccessToken(Schema):
    """A token, without its secret."""

    id: int
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class MakeToken(Body):
    """A token to make; it may at most what its role may, and what you may."""

    name: str = Field(min_length=1, max_length=100)
    role: Role
    days: int = Field(90, ge=1, le=366)


class NewToken(Schema):
    """A token with its secret, shown this once."""

    token: AccessToken
    secret: str
