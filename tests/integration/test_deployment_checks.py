"""`manage.py check --deploy` refuses what is not safe; the demo's people stay on loopback."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from portal import env
from portal.access.models import User
from portal.demo.checks import nobody_has_the_demos_password
from portal.demo.people import PASSWORD
from portal.runner import checks
from portal.runner.management.commands import run_portal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def safe(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A deployment that nothing is wrong with."""
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["portal.example.com"]
    settings.SECRET_KEY = "0123456789" * 6
    settings.REDIS_URL = "redis://127.0.0.1/0"
    place = tmp_path / "var"
    place.mkdir(mode=0o700)
    monkeypatch.setattr(checks, "VAR_DIR", place)
    monkeypatch.setattr(checks, "DEMO", False)


def found() -> list[str | None]:
    return [message.id for message in checks.deployment_is_safe()]


def test_a_safe_deployment_is_let_through() -> None:
    assert found() == []


@pytest.mark.asvs("13.2.3")
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("HTTPS", False, "portal.E002"),
        ("SECRET_KEY", "short", "portal.E006"),
        ("SECRET_KEY", "ab" * 40, "portal.E006"),
        ("ALLOWED_HOSTS", ["portal.example.com", "*"], "portal.E007"),
        ("ALLOWED_HOSTS", [".com"], "portal.E007"),
        ("ALLOWED_HOSTS", [""], None),
        ("PORTAL_NETWORKS", [], "portal.E011"),
        ("PORTAL_NETWORKS", ["10.20.0.0/16", "10.30.1.0"], None),
        ("PORTAL_NETWORKS", ["10.20.0.1/16"], "portal.E012"),
        ("PORTAL_NETWORKS", ["hosts.example.com"], "portal.E012"),
        ("CELERY_BROKER_URL", "rediss://:secret@redis.example.com:6380/0", None),
        ("CELERY_BROKER_URL", "redis+socket:///run/redis.sock", None),
        ("CELERY_BROKER_URL", "sentinel://redis.example.com:26379/0", "portal.E013"),
        ("CELERY_BROKER_URL", "amqp://rabbit.example.com//", "portal.E013"),
    ],
)
def test_unsafe_settings_are_refused(settings: Any, name: str, value: Any, says: str | None) -> None:
    setattr(settings, name, value)
    assert found() == [says] * (says is not None)


@pytest.mark.threat("T25")
@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("redis://127.0.0.1:6379/0", False),
        ("redis://:secret@localhost/0", False),
        ("redis://[::1]:6379/0", False),
        ("unix:///run/redis.sock", False),
        ("rediss://lu-web:secret@redis.example.com:6380/0", False),
        ("redis://lu-web:secret@redis.example.com:6379/0", True),
        ("redis://10.20.0.7/0", True),
    ],
)
def test_redis_of_another_machine_is_reached_by_tls(settings: Any, address: str, refused: bool) -> None:
    settings.REDIS_URL = address
    messages = checks.deployment_is_safe()
    assert [message.id for message in messages] == ["portal.E014"] * refused
    assert [message for message in messages if "secret" in str(message)] == []


@pytest.mark.parametrize(
    ("host", "sslmode", "refused"),
    [
        ("", "", False),
        ("127.0.0.1", "", False),
        ("/run/postgresql", "", False),
        ("db.example.com", "verify-full", False),
        ("db.example.com", "prefer", True),
        ("db.example.com", "", True),
    ],
)
def test_a_database_of_another_machine_is_reached_by_tls(
    monkeypatch: pytest.MonkeyPatch, settings: Any, host: str, sslmode: str, refused: bool
) -> None:
    named = {"ENGINE": "django.db.backends.postgresql", "HOST": host, "OPTIONS": {"sslmode": sslmode}}
    monkeypatch.setattr(checks, "triggers_are_installed", lambda **_: [])
    monkeypatch.setitem(settings.DATABASES, "default", named)
    assert found() == ["portal.E015"] * refused


def test_the_demo_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "DEMO", True)
    assert found() == ["portal.E001"]


@pytest.mark.parametrize(
    ("which", "mode", "says"),
    [("key", 0o640, "portal.E004"), ("secret", 0o604, "portal.E005"), ("directory", 0o705, "portal.E009")],
)
def test_files_that_others_read_are_refused(settings: Any, which: str, mode: int, says: str) -> None:
    place = {
        "key": Path(settings.LEDGER_KEY_FILE),
        "secret": checks.VAR_DIR / "secret.key",
        "directory": checks.VAR_DIR,
    }[which]
    if which != "directory":
        place.parent.mkdir(exist_ok=True)
        place.write_text("secret")
    place.chmod(mode)
    assert found() == [says]


def test_a_missing_trigger_is_refused(unprotected: None) -> None:
    assert found() == ["audit.E001"]


def test_the_demos_password_is_refused_wherever_it_still_opens() -> None:
    ana = User.objects.create_user("ana", password=PASSWORD)
    User.objects.create_user("ivy", password="another that nobody knows")
    [message] = nobody_has_the_demos_password()
    assert message.msg.endswith("knows: ana.")
    ana.is_active = False
    ana.save()
    assert nobody_has_the_demos_password() == []


def test_the_demo_does_not_leave_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_portal, "DEMO", True)
    with pytest.raises(CommandError, match=r"does not listen on 0\.0\.0\.0"):
        call_command("run_portal", host="0.0.0.0", port=1)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "psql", "pgsql", "mysql", "oracle"])
def test_a_database_server_needs_a_key_that_somebody_chose(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://portal@db/portal")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        env.embedded_secret_key()
