"""Inserts and updates of single tables without the ORM's cost per query, for the busiest paths.

Values are prepared by the models' own fields, so what stands in the database is what the ORM would
write; the text of a statement is made once. Signals are not sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import Field, Model
from django.db.models.functions import Now
from django.db.models.sql import Query


class _Now:
    """The database's clock."""


NOW: Final = _Now()
"""As a value: the time of the statement by the database's clock."""


@contextmanager
def together() -> Iterator[None]:
    """Let the statements of the block go out without waiting for each other's answers, where that can be.

    For a block inside a transaction that asks for no count of rows. A failure shows at a later
    statement or at the end of the block. (PostgreSQL: pipeline mode, one round trip for many.)
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def insert(
    model: type[Model], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]], *, new_only: bool = False
) -> None:
    """Add rows, given as the values of the fields `names`, with one statement.

    With `new_only` rows whose key is there already are left out.
    """
    if rows:
        sql, prepared = _insertion(model, names, rows)
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} ON CONFLICT DO NOTHING" if new_only else sql, prepared)


def insert_one(row: Model) -> None:
    """Add a row whose key the database gives."""
    model = type(row)
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values = tuple(getattr(row, field.attname) for field in fields)
    sql, prepared = _insertion(model, tuple(field.name for field in fields), [values])
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {connection.ops.quote_name(_column(model, 'pk'))}", prepared)
        row.pk = cursor.fetchone()[0]
    row._state.adding = False


def update(model: type[Model], pk: int, values: Mapping[str, Any]) -> None:
    """Change fields of the row with this key."""
    fields = _fields(model, tuple(values))
    sql = _update(connection.vendor, model, tuple((name, value is NOW) for name, value in values.items()))
    prepared = _prepared(fields, tuple(values.values()))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*prepared, pk])


def lock(model: type[Model], pk: int, values: Mapping[str, Any]) -> bool:
    """Hold the row with this key and these values to the transaction's end; False if there is none."""
    sql = _lock(connection.vendor, model, tuple(values))
    prepared = _prepared(_fields(model, tuple(values)), tuple(values.values()))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*prepared, pk])
        return cursor.fetchone() is not None


def _insertion(
    model: type[Model], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> tuple[str, list[Any]]:
    fields = _fields(model, names)
    now = tuple(name for name, value in zip(names, rows[0], strict=True) if value is NOW)
    sql = _insert(connection.vendor, model, names, now, len(rows))
    return sql, [value for row in rows for value in _prepared(fields, row)]


def _prepared(fields: tuple[Field[Any, Any], ...], values: tuple[Any, ...]) -> list[Any]:
    return [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, values, strict=True)
        if value is not NOW
    ]


@lru_cache
def _fields(model: type[Model], names: tuple[str, ...]) -> tuple[Field[Any, Any], ...]:
    return tuple(model._meta.get_field(name) for name in names)  # type: ignore[misc] # columns only


@lru_cache(maxsize=256)
def _insert(vendor: str, model: type[Model], names: tuple[str, ...], now: tuple[str, ...], rows: int) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_column(model, name)) for name in names)
    values = ", ".join(_clock(vendor, model) if name in now else "%s" for name in names)
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([f'({values})'] * rows)}"  # noqa: S608


@lru_cache(maxsize=256)
def _update(vendor: str, model: type[Model], names: tuple[tuple[str, bool], ...]) -> str:
    quote = connection.ops.quote_name
    changes = (
        f"{quote(_column(model, name))} = {_clock(vendor, model) if now else '%s'}" for name, now in names
    )
    key = quote(_column(model, "pk"))
    return f"UPDATE {quote(model._meta.db_table)} SET {', '.join(changes)} WHERE {key} = %s"  # noqa: S608


@lru_cache
def _lock(vendor: str, model: type[Model], names: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    conditions = " AND ".join(f"{quote(_column(model, name))} = %s" for name in (*names, "pk"))
    hold = " FOR UPDATE" if connection.features.has_select_for_update else ""
    return f"SELECT 1 FROM {quote(model._meta.db_table)} WHERE {conditions}{hold}"  # noqa: S608


@lru_cache
def _clock(vendor: str, model: type[Model]) -> str:
    sql, _ = Query(model).get_compiler(connection=connection).compile(Now())
    return str(sql)


def _column(model: type[Model], name: str) -> str:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return str(field.column)  # type: ignore[union-attr] # columns only
