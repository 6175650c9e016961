"""The settings of a production portal, read by a process of their own: Django finds nothing to warn of."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
READ = """
import json, django
from django.conf import settings
django.setup()
from django.http import HttpResponse
from django.test import Client
client = Client(headers={"host": "portal.example.com", "X-Forwarded-Proto": "https"})
answer = client.get("/sign-in/")
plain = Client(headers={"host": "portal.example.com"}).get("/sign-in/")
flags = ("secure", "httponly", "samesite", "path", "domain")
cookies = {name: [held[flag] for flag in flags] for name, held in answer.cookies.items()}
print(json.dumps({"debug": settings.DEBUG, "session": settings.SESSION_COOKIE_NAME,
  "session_flags": [settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY,
    settings.SESSION_COOKIE_SAMESITE],
  "cookies": cookies, "status": answer.status_code,
  "hsts": answer.headers.get("Strict-Transport-Security", ""),
  "plain": [plain.status_code, plain.headers.get("Location", "")]}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment that the administrator's guide asks for."""
    place = tmp_path_factory.mktemp("production") / "var"
    place.mkdir(mode=0o700)
    yield {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_VAR_DIR": str(place),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PORTAL_HTTPS": "1",
        "PORTAL_BEHIND_PROXY": "1",
        "ALLOWED_HOSTS": "portal.example.com",
        "PORTAL_NETWORKS": "10.20.0.0/16",
        "LEDGER_SYSLOG": "tls://siem.example.com:6514",
    }


def run(production: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *argv]
    return subprocess.run(
        command, cwd=ROOT, env=production, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.mark.asvs("13.4.2")
def test_django_has_nothing_to_warn_of(production: dict[str, str]) -> None:
    done = run(production, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.threat("T17", "T33")
@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1", "13.4.2", "4.1.3")
def test_cookies_and_transport(production: dict[str, str]) -> None:
    done = run(production, "-c", READ)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["debug"], told["status"]) == (False, 200)
    assert (told["session"], told["session_flags"]) == ("__Host-lu", [True, True, "Lax"])
    assert told["cookies"] == {"__Host-lu-csrf": [True, True, "Lax", "/", ""]}
    assert told["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert told["plain"] == [301, "https://portal.example.com/sign-in/"]
