"""A database that is really away: PostgreSQL refuses and cuts connections, SQLite is locked by somebody."""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connection


@contextlib.contextmanager
def impatient() -> Iterator[None]:
    """New connections to SQLite wait for a lock a moment instead of 20 s."""
    options = connection.settings_dict["OPTIONS"]
    before = options.get("timeout")
    if connection.vendor == "sqlite":
        options["timeout"] = 2.0
    try:
        yield
    finally:
        if connection.vendor == "sqlite":
            options["timeout"] = before


@contextlib.contextmanager
def database_away() -> Iterator[None]:
    """Inside the block nobody can write; this thread's own connection is closed."""
    held = dict(connection.settings_dict)
    vendor = connection.vendor
    connection.close()
    if vendor == "sqlite":
        locker = sqlite3.connect(held["NAME"], timeout=10, isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            locker.rollback()
            locker.close()
        return
    with _maintenance(held) as server:
        server.execute(f'ALTER DATABASE "{held["NAME"]}" WITH ALLOW_CONNECTIONS false')
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [held["NAME"]]
        )
        try:
            yield
        finally:
            server.execute(f'ALTER DATABASE "{held["NAME"]}" WITH ALLOW_CONNECTIONS true')


def _maintenance(held: dict[str, Any]) -> psycopg.Connection:
    return psycopg.connect(
        host=held["HOST"],
        port=held["PORT"],
        user=held["USER"],
        password=held["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    )
