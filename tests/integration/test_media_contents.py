"""What the portal knows of an update's media before it mounts them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from inventory.models import Lpar, LppSource, NimObject
from liveupdate.records.media_contents import media_contents
from tests.fleet import make_fleet

pytestmark = pytest.mark.django_db

READ_AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
MEDIA = "nim01:/export/aix72/7200-05-04-2220_full"


@pytest.fixture
def lpar() -> Lpar:
    return make_fleet().lpars["pay01"]


@pytest.fixture
def lpp_source(lpar: Lpar) -> Callable[..., LppSource]:
    """Makes one in the directory of `MEDIA`, with what is given changed."""

    def make(name: str = "7200-05-04_lpp", server: str = "master", **changes: Any) -> LppSource:
        resource = NimObject.objects.create(
            master=lpar.nim_master,
            name=name,
            object_class="resources",
            object_type="lpp_source",
            attributes={"server": [server]},
            read_at=READ_AT,
        )
        given = {"packages": [["bos.mp64", "7.2.5.104", "installp"]], "files": 3, "toc_digest": "sha256:ab"}
        location = "/export/aix72/7200-05-04-2220_full"
        return LppSource.objects.create(
            **{"nim_object": resource, "location": location, "read_at": READ_AT, **given, **changes}
        )

    return make


def test_an_lpp_source_tells_its_packages_and_when_it_was_read(
    lpar: Lpar, lpp_source: Callable[..., LppSource]
) -> None:
    lpp_source()
    for media in (MEDIA, f"{MEDIA}/", MEDIA.replace("nim01", "nim01.example.com"), f"10.254.0.2:{MEDIA[6:]}"):
        contents = media_contents(lpar, media)
        assert contents is not None, media
        assert contents.packages == {"bos.mp64": ["7.2.5.104"]} and contents.has_toc
        assert contents.read_at == "2026-11-25 10:00 UTC"


@pytest.mark.parametrize(
    "media",
    ["", "/export/aix72/7200-05-04-2220_full", f"nim02{MEDIA[5:]}", f"{MEDIA}/x", "no media", "10:/export"],
)
def test_other_media_are_not_known(lpar: Lpar, lpp_source: Callable[..., LppSource], media: str) -> None:
    lpp_source()
    assert media_contents(lpar, media) is None


def test_only_an_untroubled_look_proves_that_there_is_no_table_of_contents(
    lpar: Lpar, lpp_source: Callable[..., LppSource]
) -> None:
    source = lpp_source(toc_digest="")
    assert (found := media_contents(lpar, MEDIA)) and found.has_toc is False
    LppSource.objects.filter(pk=source.pk).update(files=None, packages=None, problem="timed out.")
    assert (found := media_contents(lpar, MEDIA)) and (found.has_toc, found.packages) == (None, None)


def test_resources_that_are_gone_or_lie_elsewhere_do_not_count(
    lpar: Lpar, lpp_source: Callable[..., LppSource]
) -> None:
    lpp_source("elsewhere", server="nim02")
    gone = lpp_source("gone")
    NimObject.objects.filter(pk=gone.nim_object_id).update(retired_at=READ_AT)
    assert media_contents(lpar, MEDIA) is None


def test_a_master_that_is_not_there_knows_nothing(lpar: Lpar) -> None:
    lpar.nim_master = None
    assert media_contents(lpar, MEDIA) is None
