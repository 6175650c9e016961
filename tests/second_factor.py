"""People with an authenticator app, for tests."""

from dataclasses import dataclass

import pyotp
from django.test import Client

from portal.access.models import User
from portal.access.second_factor.actions import begin_enrolment, confirm_enrolment
from portal.access.second_factor.sealing import unseal
from portal.lib.clock import now

PASSWORD = "seven green bicycles"


@dataclass
class App:
    """An authenticator app that holds one secret, and the recovery codes on paper."""

    secret: str
    recovery_codes: list[str]

    def code(self, ahead: int = 0) -> str:
        """The code that it shows now, or `ahead` steps of 30 s later."""
        return pyotp.TOTP(self.secret).at(now(), counter_offset=ahead)


def app_of(person: User) -> App:
    """Set a second factor up as the pages do; the code of now is used up by it."""
    factor = begin_enrolment(person)
    app = App(unseal(factor.sealed_secret, person.public_id), [])
    app.recovery_codes = confirm_enrolment(person, app.code(-1))
    return app


def signed_in(username: str, app: App | None = None) -> Client:
    """A browser in which the person signed in with password, and code where they have an app."""
    client = Client()
    answer = client.post("/sign-in/", {"username": username, "password": PASSWORD})
    if app is not None:
        answer = client.post(answer["Location"], {"code": app.code()})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return client
