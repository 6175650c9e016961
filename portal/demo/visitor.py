"""A person at a browser, as far as the demo needs one: pages, forms, cookies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from portal.demo.people import PASSWORD
from portal.lib.errors import PortalError


class Lost(PortalError):
    """The page is not what the visitor came for."""

    code = "unexpected_page"


@dataclass(slots=True)
class Form:
    """A form of a page with the values it would send."""

    id: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """One page as it arrived."""

    url: str
    status: int
    text: str
    forms: dict[str, Form]

    def form(self, form_id: str) -> Form:
        """The form with this id. Raises Lost with what the page says instead."""
        if form_id not in self.forms:
            known = ", ".join(self.forms) or "none"
            raise Lost(f"{self.url} answered {self.status} without the form {form_id} (forms: {known}).")
        return self.forms[form_id]


class Visitor:
    """One person's browser window, signed in or not."""

    def __init__(self, address: str, name: str) -> None:
        self.name = name
        self.client = httpx.Client(base_url=address, follow_redirects=True, timeout=30)

    @classmethod
    def signed_in(cls, address: str, username: str) -> "Visitor":
        """One of the demo's people. Raises Lost when the portal does not let the person in."""
        visitor = cls(address, username)
        visitor.sign_in(username, PASSWORD)
        return visitor

    def open(self, path: str) -> Page:
        """Follow a link."""
        return self._page(self.client.get(path))

    def submit(self, page: Page, form_id: str, values: Mapping[str, str | list[str]] | None = None) -> Page:
        """Fill in a form of the page and send it."""
        form = page.form(form_id)
        target = urljoin(page.url, form.action)
        return self._page(
            self.client.post(target, data={**form.fields, **(values or {})}, headers={"Referer": page.url})
        )

    def sign_in(self, username: str, password: str) -> Page:
        """Sign in. Raises Lost when the portal does not let the person in."""
        page = self.submit(self.open("/sign-in/"), "sign-in", {"username": username, "password": password})
        if "sign-in" in page.forms:
            raise Lost(f"{username} could not sign in.")
        return page

    @staticmethod
    def _page(response: httpx.Response) -> Page:
        reader = _FormReader()
        reader.feed(response.text)
        return Page(str(response.url), response.status_code, response.text, reader.forms)


class _FormReader(HTMLParser):
    """Collects forms and the values of their fields, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self._form: Form | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(words.get("id", ""), words.get("action", ""))
            self.forms[self._form.id] = self._form
        elif self._form is not None:
            self._field(self._form, tag, words)

    def _field(self, form: Form, tag: str, words: Mapping[str, str]) -> None:
        name = words.get("name", "")
        if tag == "input" and name:
            kind = words.get("type", "text")
            if kind not in {"checkbox", "radio", "submit", "file"} or "checked" in words:
                form.fields[name] = words.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in words:
            form.fields[self._select] = words.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._form.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""
