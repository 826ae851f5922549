"""Signing in and out, people and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from dyntables.catalog.past import audit
from dyntables.errors import AuthenticationError, CatalogError
from dyntables.server.console.access import why_closed
from dyntables.server.deps import Admin, Connection, Shared, Viewer
from dyntables.server.schemas.auth import (
    AccessToken,
    AddUser,
    AppUser,
    ChangePassword,
    ChangeUser,
    Login,
    MakeToken,
    Me,
    NewToken,
    SignIn,
)
from dyntables.server.security import sessions, tokens, users
from dyntables.server.security.authenticate import COOKIE, check_origin
from dyntables.server.security.cookies import clear_cookie, set_cookie
from dyntables.server.security.roles import How, Principal
from dyntables.server.services import Services

router = APIRouter(tags=["people"])
UserName = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$")]


@router.get("/auth/sign-in", summary="Show how to sign in")
def show_sign_in(services: Shared) -> SignIn:
    """Return which ways there are; nobody needs to be signed in."""
    demo = services.demo_mode()
    return SignIn(demo_mode=demo, password=not demo, oidc=services.settings.oidc_issuer is not None)


@router.post("/auth/login", summary="Sign in")
def login(request: Request, services: Shared, connection: Connection, body: Login, response: Response) -> Me:
    """Check name and password, and begin a sign-in with a fresh cookie."""
    check_origin(request, services.settings)
    with services.limits.guessing(request, body.name.lower()):
        user = users.check_password(connection, body.name, body.password.get_secret_value())
        if user is None:
            audit.record(connection, "LOGIN_FAILED", body.name)
            raise AuthenticationError("name or password is wrong")
    secret = sessions.open_session(connection, user.id, timedelta(hours=services.settings.session_hours))
    set_cookie(response, request, services.settings, secret)
    audit.record(connection, "LOGIN", user.name)
    person = Principal(user.name, user.role, How.SESSION, user.id, database_role=user.database_role)
    return _me(person, services, sessions.csrf_token(secret))


@router.post("/auth/logout", status_code=204, summary="Sign out")
def logout(user: Viewer, request: Request, services: Shared, connection: Connection, response: Response) -> None:
    """End the sign-in; the cookie is worth nothing from then on."""
    if user.session is not None:
        sessions.close_session(connection, user.session)
        audit.record(connection, "LOGOUT", user.name)
    clear_cookie(response, request, services.settings)


@router.get("/auth/me", summary="Show who asks")
def show_me(user: Viewer, request: Request, services: Shared) -> Me:
    """Return name and role, and the CSRF token of the sign-in."""
    secret = request.cookies.get(COOKIE)
    token = sessions.csrf_token(secret) if user.how is How.SESSION and secret is not None else None
    return _me(user, services, "demo" if user.how is How.DEMO else token)


@router.post("/auth/password", status_code=204, summary="Change your password")
def change_password(
    user: Viewer, request: Request, services: Shared, connection: Connection, body: ChangePassword, response: Response
) -> None:
    """Change it, and end your tokens and all your sign-ins but this one, which goes on under a new cookie."""
    user_id = _person(user)
    with services.limits.guessing(request, user.name):
        if users.check_password(connection, user.name, body.old_password.get_secret_value()) is None:
            raise AuthenticationError("the old password is wrong")
    users.change_user(
        connection, user.name, password=body.new_password.get_secret_value(), keep_tokens=body.keep_tokens
    )
    if user.how is How.SESSION:
        lifetime = timedelta(hours=services.settings.session_hours)
        set_cookie(response, request, services.settings, sessions.open_session(connection, user_id, lifetime))


@router.get("/users", summary="List people")
def list_users(user: Admin, connection: Connection) -> list[AppUser]:
    """Return all, by name."""
    return [_user(u) for u in users.list_users(connection)]


@router.post("/users", status_code=201, summary="Add a person")
def add_user(user: Admin, services: Shared, connection: Connection, body: AddUser) -> AppUser:
    """Add one; the first must be an admin with a password, and ends demo mode."""
    password = body.password.get_secret_value() if body.password is not None else None
    if password is None and not users.any_user(connection):
        raise CatalogError("the first user needs a password", hint="Otherwise nobody could sign in.")
    added = users.add_user(connection, body.name, body.role, password, body.database_role or None)
    services.forget_mode()
    return _user(added)


@router.patch("/users/{name}", summary="Change a person")
def change_user(user: Admin, connection: Connection, name: UserName, body: ChangeUser) -> AppUser:
    """Change role, password, or whether they may sign in; all their sign-ins end, with a password their tokens."""
    password = body.password.get_secret_value() if body.password is not None else None
    given = body.model_dump(exclude={"password"})
    return _user(users.change_user(connection, name, password=password, **given))


@router.delete("/users/{name}", status_code=204, summary="Remove a person")
def remove_user(user: Admin, services: Shared, connection: Connection, name: UserName) -> None:
    """Remove one with their sign-ins and tokens."""
    users.remove_user(connection, name)
    services.forget_mode()


@router.get("/tokens", summary="List your tokens")
def list_tokens(user: Viewer, connection: Connection) -> list[AccessToken]:
    """Return them without their secrets."""
    return [_token(t) for t in tokens.list_tokens(connection, user.user_id)] if user.user_id is not None else []


@router.post("/tokens", status_code=201, summary="Make a token")
def make_token(user: Viewer, connection: Connection, body: MakeToken) -> NewToken:
    """Make one for a program, and show its secret this once; a token cannot make tokens."""
    user_id = _person(user)
    if user.how is How.TOKEN:
        raise CatalogError("a token cannot make tokens", hint="Sign in.")
    role = min(body.role, user.role, key=lambda r: r.rank)
    secret, token = tokens.make_token(connection, user_id, body.name, role, body.days)
    return NewToken(token=_token(token), secret=secret)


@router.delete("/tokens/{token_id}", status_code=204, summary="Remove a token")
def remove_token(user: Viewer, connection: Connection, token_id: Annotated[int, Path(ge=1, lt=2**63)]) -> None:
    """Remove one of yours; it is worth nothing from then on."""
    tokens.remove_token(connection, _person(user), token_id)


def _person(user: Principal) -> int:
    if user.user_id is None:
        raise CatalogError("the demo admin is nobody in particular", hint="Add a user first: dyntables user add NAME")
    return user.user_id


def _me(user: Principal, services: Services, csrf_token: str | None) -> Me:
    refused = why_closed(services.console, user)
    return Me(
        name=user.name,
        role=user.role,
        how=user.how,
        database_role=user.database_role,
        csrf_token=csrf_token,
        console_refused=None if refused is None else ". ".join(filter(None, (refused.message, refused.hint))),
        console_rows=services.console.rows,
        console_seconds=services.console.seconds,
    )


def _user(user: users.User) -> AppUser:
    return AppUser(
        name=user.name,
        role=user.role,
        database_role=user.database_role,
        password=user.password_hash is not None,
        issuer=user.issuer,
        disabled=user.disabled,
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )


def _token(token: tokens.Token) -> AccessToken:
    return AccessToken(
        id=token.id,
        name=token.name,
        role=token.role,
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
    )
