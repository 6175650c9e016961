"""The icons of lucide (https://lucide.dev) as inline SVG."""

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_SVG = (
    '<svg class="icon" width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
    'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>'
)


class NoSuchIcon(Exception):
    """A template names an icon that lucide does not have."""


@lru_cache(maxsize=256)
def svg(name: str, label: str) -> SafeString:
    """An icon, 18 pixels wide; screen readers say `label`, or skip an empty one. Raises NoSuchIcon."""
    read_out = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(_SVG, read_out, _shapes(name))


def _shapes(name: str) -> SafeString:
    """What stands between the outer tags of an icon's file."""
    try:
        text = _package().read(f"{name}.svg").decode()
    except KeyError:
        raise NoSuchIcon(f"lucide has no icon {name!r}: see https://lucide.dev/icons.") from None
    shapes = text.partition(">")[2].rpartition("</svg>")[0]
    return mark_safe("".join(line.strip() for line in shapes.splitlines()))  # noqa: S308 - from a package we pin


@cache
def _package() -> ZipFile:
    """All icons, in memory: finding one among them is quick, listing them is not."""
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))
