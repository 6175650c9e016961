"""Triggers that keep the ledger's tables append-only, and finished rows of other rooms as they are, for
SQLite and PostgreSQL.

They stop accidents and a compromised application; whoever owns the database can drop them, and then
the signed tree shows what was done. They are installed anew after every `migrate`, because SQLite
loses them when it rebuilds a table.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import atomic

KEYS = {
    "ledger_intake": (("id",), ("run", "rs")),
    "ledger_entry": (("seq",), ("intake_id",)),
    "ledger_tile": (("id",), ("level", "position")),
    "ledger_checkpoint": (("id",), ("size",)),
    "ledger_receipt": (("id",), ("anchor", "size")),
    "ledger_chunk": (("digest",),),
    "ledger_release": (("intake_id",),),
    "ledger_released_chunk": (("id",), ("digest", "release_id")),
}
"""The append-only tables with their unique keys: what INSERT OR REPLACE could overwrite."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A table whose rows neither change nor go once they are finished, which `finished` says in SQL.

    `fixed` are columns that stay; those of `erasable` may become NULL.
    """

    finished: str
    fixed: tuple[str, ...]
    erasable: tuple[str, ...] = ()


KEPT: dict[str, Kept] = {}
"""Rooms add theirs when Django starts, by the table's name."""
FENCE = "ledger_intake_fence"
UNSIGNED = "ledger_release_no_unsigned"
BESIDE_CONTENT = (
    *("id", "leaf", "mac", "event", "actor_kind", "actor_id", "channel", "action", "outcome", "object"),
    *("request", "run", "rs", "epoch", "at"),
)
RELEASED_ENTRY = (
    "EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_release r ON r.what = 'entries' "
    'AND e.seq >= r.first AND e.seq < r."end" WHERE e.intake_id = OLD.id)'
)
RELEASED_CHUNK = "EXISTS (SELECT 1 FROM ledger_released_chunk c WHERE c.digest = OLD.digest)"
SIGNED = (
    "EXISTS (SELECT 1 FROM ledger_intake i JOIN ledger_entry e ON e.intake_id = i.id "
    "WHERE i.id = NEW.intake_id "
    "AND i.event = CASE NEW.what WHEN 'withheld' THEN 'redact.late' ELSE 'ledger.prune' END "
    'AND NEW."end" <= e.seq AND EXISTS (SELECT 1 FROM ledger_checkpoint c WHERE c.size > e.seq))'
)
SQLITE_LETS = {
    ("ledger_intake", "UPDATE"): " AND ".join(
        ["NEW.content = x''", *(f"NEW.{name} IS OLD.{name}" for name in BESIDE_CONTENT), RELEASED_ENTRY]
    ),
    ("ledger_chunk", "DELETE"): RELEASED_CHUNK,
}
"""The only changes of what is there: a signed entry of two people lets them be made (see docs/decisions)."""
PG_LETS = {"ledger_intake": "ledger_refuse_unless_pruned", "ledger_chunk": "ledger_refuse_unless_released"}

PG_FUNCTIONS = (
    """
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION ledger_refuse_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'What is finished stays as it is: % on % is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION ledger_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.epoch < (SELECT epoch FROM ledger_run WHERE run = NEW.run) THEN
    RAISE EXCEPTION 'The ledger refuses an entry of an older epoch.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION ledger_refuse_unless_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.content = ''::bytea AND to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content' AND {entry} THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION ledger_refuse_unless_released() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF {chunk} THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION ledger_refuse_unsigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT {signed} THEN
    RAISE EXCEPTION 'The ledger lets nothing go before two people''s entry is signed.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
""".replace("{entry}", RELEASED_ENTRY)
    .replace("{chunk}", RELEASED_CHUNK)
    .replace("{signed}", SIGNED)
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger anew, in one transaction."""
    with atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that should be there (and, on PostgreSQL, fire always) but do not."""
    with connection.cursor() as cursor:
        cursor.execute(present_query(connection.vendor))
        return missing_among(connection.vendor, cursor.fetchone()[0])


def missing_among(vendor: str, present: str | None) -> list[str]:
    """The same, from the answer to `present_query`."""
    return sorted(set(names(vendor)) - set((present or "").split(",")))


def present_query(vendor: str) -> str:
    """A query for one text: the names of all triggers, separated by commas."""
    return (
        "SELECT group_concat(name) FROM sqlite_master WHERE type = 'trigger'"
        if vendor == "sqlite"
        else "SELECT string_agg(tgname, ',') FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
    )


def names(vendor: str) -> list[str]:
    """Every trigger's name on this kind of database."""
    kinds = ("update", "delete", "replace") if vendor == "sqlite" else ("change", "truncate")
    own = [f"{table}_no_{kind}" for table in KEYS for kind in kinds]
    last = "replace" if vendor == "sqlite" else "truncate"
    kept = [f"{table}_no_{kind}" for table in KEPT for kind in ("update", "delete", last)]
    return [*own, FENCE, UNSIGNED, *kept]


def tables() -> set[str]:
    """The names of all tables that have triggers."""
    return {*KEYS, *KEPT}


def _statements(vendor: str) -> Iterator[str]:
    return _sqlite() if vendor == "sqlite" else _postgresql()


def _sqlite() -> Iterator[str]:
    for name in names("sqlite"):
        yield f"DROP TRIGGER IF EXISTS {name}"
    for table, keys in KEYS.items():
        for verb in ("UPDATE", "DELETE"):
            lets = SQLITE_LETS.get((table, verb))
            unless = f"WHEN NOT ({lets}) " if lets else ""
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {unless}BEGIN "
                f"SELECT RAISE(ABORT, 'The ledger is append-only: {verb} on {table} is refused.'); END"
            )
        same = " OR ".join("(" + " AND ".join(f"{c} = NEW.{c}" for c in key) + ")" for key in keys)
        refusal = (
            "RAISE(IGNORE)"
            if table == "ledger_chunk"
            else f"RAISE(ABORT, 'The ledger is append-only: REPLACE on {table} is refused.')"
        )
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - names from KEYS
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT {refusal}; END"
        )
    for table, kept in KEPT.items():
        yield from _sqlite_kept(table, kept)
    yield (
        f"CREATE TRIGGER {FENCE} BEFORE INSERT ON ledger_intake "  # noqa: S608 - a constant
        "WHEN NEW.epoch < (SELECT epoch FROM ledger_run WHERE run = NEW.run) BEGIN "
        "SELECT RAISE(ABORT, 'The ledger refuses an entry of an older epoch.'); END"
    )
    yield (
        f"CREATE TRIGGER {UNSIGNED} BEFORE INSERT ON ledger_release WHEN NOT {SIGNED} BEGIN "
        "SELECT RAISE(ABORT, 'The ledger lets nothing go before two people''s entry is signed.'); END"
    )


def _sqlite_kept(table: str, kept: Kept) -> Iterator[str]:
    for verb, when in (("UPDATE", _changed(kept, "IS NOT")), ("DELETE", f"OLD.{kept.finished}")):
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} WHEN {when} BEGIN "
            f"SELECT RAISE(ABORT, 'What is finished stays as it is: {verb} on {table} is refused.'); END"
        )
    yield (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - names from KEPT
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id AND {kept.finished}) BEGIN "
        f"SELECT RAISE(ABORT, 'What is finished stays as it is: REPLACE on {table} is refused.'); END"
    )


def _postgresql_kept(table: str, kept: Kept) -> Iterator[str]:
    conditions = {"UPDATE": _changed(kept, "IS DISTINCT FROM"), "DELETE": f"OLD.{kept.finished}"}
    for verb in ("UPDATE", "DELETE", "TRUNCATE"):
        name = f"{table}_no_{verb.lower()}"
        each = f"ROW WHEN ({conditions[verb]})" if verb in conditions else "STATEMENT"
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
        yield (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION ledger_refuse_finished()"
        )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


def _changed(kept: Kept, differs: str) -> str:
    """Whether an update changes what is finished."""
    changes = [f'NEW."{name}" {differs} OLD."{name}"' for name in kept.fixed]
    changes += [
        f'(NEW."{name}" {differs} OLD."{name}" AND NEW."{name}" IS NOT NULL)' for name in kept.erasable
    ]
    return f"OLD.{kept.finished} AND ({' OR '.join(changes)})"


def _postgresql() -> Iterator[str]:
    yield PG_FUNCTIONS
    for table, kept in KEPT.items():
        yield from _postgresql_kept(table, kept)
    for table in KEYS:
        for kind, timing in (("change", "UPDATE OR DELETE"), ("truncate", "TRUNCATE")):
            name, each = f"{table}_no_{kind}", "STATEMENT" if kind == "truncate" else "ROW"
            refuse = PG_LETS.get(table, "ledger_refuse") if kind == "change" else "ledger_refuse"
            yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
            yield (
                f"CREATE TRIGGER {name} BEFORE {timing} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {refuse}()"
            )
            yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
    yield f"DROP TRIGGER IF EXISTS {FENCE} ON ledger_intake"
    yield (
        f"CREATE TRIGGER {FENCE} BEFORE INSERT ON ledger_intake FOR EACH ROW EXECUTE FUNCTION ledger_fence()"
    )
    yield f"ALTER TABLE ledger_intake ENABLE ALWAYS TRIGGER {FENCE}"
    yield f"DROP TRIGGER IF EXISTS {UNSIGNED} ON ledger_release"
    yield (
        f"CREATE TRIGGER {UNSIGNED} BEFORE INSERT ON ledger_release "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unsigned()"
    )
    yield f"ALTER TABLE ledger_release ENABLE ALWAYS TRIGGER {UNSIGNED}"
