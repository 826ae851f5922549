"""Settings of the server: from the environment (``DYNTABLES_…``), from ``.env``, or from the command line."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# Several values, separated by commas.
Names = Annotated[list[str], NoDecode]
# Of these, nothing is a value.
_MAY_BE_EMPTY = ("rate_limit", "login_rate_limit", "redis_url", "DYNTABLES_REDIS_URL", "REDIS_URL")


class Settings(BaseSettings):
    """Everything that can be set; the description of each field is its documentation."""

    model_config = SettingsConfigDict(
        env_prefix="DYNTABLES_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on. Anything but loopback needs a configured user.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes any free one.")
    database: SecretStr | None = Field(
        None, description="PostgreSQL URL; without it the embedded server is started or joined."
    )
    query_database: SecretStr | None = Field(
        None,
        description="URL under which the SQL console queries: the same database with a role that may only read. "
        "The embedded server makes such a role by itself.",
    )
    data_dir: Path | None = Field(None, description="Where the embedded server keeps its data.")
    workers: int = Field(2, ge=0, le=64, description="Pipelines refreshed at the same time; 0 runs no scheduler.")
    pool_size: int = Field(16, ge=2, le=200, description="Most connections to the database for requests.")
    public_url: str | None = Field(
        None, description="Address under which people reach the server, if a proxy stands before it."
    )
    proxies: Names = Field(
        default_factory=list,
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, "
        "separated by commas.",
    )
    allowed_hosts: Names = Field(
        default_factory=list,
        description="Host names that requests may name besides loopback and public_url, separated by commas.",
    )
    cors_origins: Names = Field(
        default_factory=list, description="Origins that browsers may call from, separated by commas; none."
    )
    session_hours: float = Field(12, gt=0, le=24 * 90, description="How long a sign-in lasts without use.")
    max_body_bytes: int = Field(1_000_000, ge=1000, description="Longest request body.")
    query_rows: int = Field(
        10_000, ge=1, le=1_000_000, description="Most rows that the console shows; an exported file has every row."
    )
    query_seconds: float = Field(60, gt=0, le=3600, description="Longest time that a query of the console may take.")
    rate_limit: str = Field(
        "1200/minute",
        description="Requests of one person, or of one address without a sign-in; ten times as many of an "
        "address in all. Empty for no limit.",
    )
    login_rate_limit: str = Field("10/minute", description="Sign-ins tried from one address; empty for no limit.")
    metrics_seconds: float = Field(10, ge=1, le=3600, description="How often figures are stored.")
    metrics_days: int = Field(30, ge=1, le=3650, description="How long stored figures are kept.")
    redis_url: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("DYNTABLES_REDIS_URL", "REDIS_URL"),
        description="Redis for rate limits that several processes share, and for news of operations between them. "
        "The first of the two variables goes before the other; empty, it means none.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("text", pattern="^(text|json)$", description="How log lines are written.")
    oidc_issuer: str | None = Field(None, description="OpenID Connect issuer; with client id and secret it enables it.")
    oidc_client_id: str | None = Field(None, description="Client id at the issuer.")
    oidc_client_secret: SecretStr | None = Field(None, description="Client secret at the issuer.")
    oidc_default_role: str = Field(
        "viewer", pattern="^(viewer|operator|editor|admin)$", description="Role of people who sign in by OpenID."
    )

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_not_set(cls, given: Any) -> Any:
        return {k: v for k, v in given.items() if v != "" or k in _MAY_BE_EMPTY}

    @field_validator("proxies", "allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _separate(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        if given.startswith("["):
            return json.loads(given)
        return [part.strip() for part in given.split(",") if part.strip()]

    @field_validator("redis_url")
    @classmethod
    def _none_if_empty(cls, url: SecretStr | None) -> SecretStr | None:
        return url if url is not None and url.get_secret_value() else None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
