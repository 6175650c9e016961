"""The lab's pure parts: paths kept in a root, streams mapped back, the restricted shell, the data file."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory.lab.faults import FAULTS, Faults, UnknownFault
from inventory.lab.liveupdate import datafile, install, requirements
from inventory.lab.servers.session import PathsBack
from inventory.lab.shell import hmcbash
from inventory.lab.shell.labsh import translate
from inventory.lab.world.defects import apply, defects
from inventory.lab.world.model import World
from inventory.lab.world.scenario import known_levels, load_scenario
from inventory.lab.world.store import build

ROOT = "/tmp/lab/hosts/pay01/root"


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("cat /etc/hosts", f"cat {ROOT}/etc/hosts"),
        ("/usr/sbin/emgr -P", f"{ROOT}/usr/sbin/emgr -P"),
        ("echo x >/var/x 2>/dev/null", f"echo x >{ROOT}/var/x 2>/dev/null"),
        ('d=/var/adm; cd "/tmp"', f'd={ROOT}/var/adm; cd "{ROOT}/tmp"'),
        ("dd if=/var/a of=/dev/null", f"dd if={ROOT}/var/a of=/dev/null"),
        ("grep /var /etc/x", "grep /var /etc/x"),
        ("df | grep '/var' > /tmp/y", f"df | grep '/var' > {ROOT}/tmp/y"),
        ("LC_ALL=C sed 's,/usr,/opt,' /etc/x", "LC_ALL=C sed 's,/usr,/opt,' /etc/x"),
        ("sh -c 'cat /etc/x' sh /etc/y", "sh -c 'cat /etc/x' sh /etc/y"),
        ("awk '{print}' | tee /tmp/z", f"awk '{{print}}' | tee {ROOT}/tmp/z"),
        ("echo a/etc/b /etcetera 1/2", "echo a/etc/b /etcetera 1/2"),
        (f"cat {ROOT}/etc/hosts", f"cat {ROOT}/etc/hosts"),
        ("cat <<E\n/etc/x\nE\nls /etc", f"cat <<E\n/etc/x\nE\nls {ROOT}/etc"),
        ("getconf DISK_SIZE /dev/hdisk2", "getconf DISK_SIZE /dev/hdisk2"),
    ],
)
def test_absolute_paths_move_below_the_root(text: str, moved: str) -> None:
    assert translate(text, ROOT) == moved
    assert translate(moved, ROOT) == moved


def test_evaluated_text_is_moved_when_it_is_evaluated() -> None:
    assert translate('eval "$x"', ROOT).endswith('lab_eval "$x"')


@example([ROOT] * 11, 28)
@given(st.lists(st.sampled_from([ROOT, ROOT + "/var", "/", "x", ROOT[:9], "\n"])), st.integers(1, 40))
def test_streams_lose_the_root_however_they_are_cut(parts: list[str], size: int) -> None:
    data = "".join(parts).encode()
    whole = PathsBack(ROOT).feed(data, last=True)
    back = PathsBack(ROOT)
    pieces = [back.feed(data[start : start + size]) for start in range(0, len(data), size)]
    assert b"".join(pieces) + back.feed(b"", last=True) == whole


@pytest.mark.parametrize("text", ["a | b", "lssyscfg -F 'a;b>c'", 'lssyscfg --filter "x=a/b"', "lshmc -V"])
def test_restricted_shell_allows(text: str) -> None:
    assert hmcbash.refusal(text) == ""


@pytest.mark.parametrize("text", ["a; b", "a & b", "a > b", "a < b", "a | /bin/b", "a `b`", "a $(b)", "a\nb"])
def test_restricted_shell_refuses(text: str) -> None:
    assert hmcbash.refusal(text).startswith("hmcbash: ")


def test_keys_at_column_0_are_ignored() -> None:
    data = datafile.parse("disks:\nnhdisk = hdisk2\n\tmhdisk = hdisk10, hdisk3\n# x\nhmc:\n  user =\n")
    assert data.disks("nhdisk") == []
    assert data.disks("mhdisk") == ["hdisk10", "hdisk3"]
    assert data.value("hmc", "user") == ""


def test_scenario_is_coherent() -> None:
    world = load_scenario("demo")
    assert set(world.lpars) == {"pay01", "web01", "pay02", "web02"}
    for lpar in world.lpars.values():
        part = world.partition_of(lpar)
        assert (part.uuid, part.address, part.owner) == (lpar.uuid, lpar.address, lpar.name)
        assert lpar.level in known_levels()
        assert set(requirements.NEEDED_FILESETS) <= set(lpar.filesets)
        assert lpar.disks["hdisk2"].size_mb >= lpar.disks["hdisk0"].size_mb
    assert world.system.free_memory() > 8192
    assert world.lpars["pay02"].trust["TE"] == "ON"


def test_media_update_only_what_they_raise() -> None:
    lpar = load_scenario("demo").lpars["pay01"]
    media = install.Media("7200-05-04-2220", install._updates(lpar, "7200-05-04-2220"))
    assert media.updates["bos.mp64"] == "7.2.5.106"
    assert install._updates(lpar, "7200-05-03-2148") == {}
    assert install._updates(lpar, "7200-05-02-2114") == {}
    for name in media.updates:
        install.apply_one(lpar, name, media)
    assert install._updates(lpar, "7200-05-04-2220") == {}


def test_faults_are_known_by_name() -> None:
    asked: list[tuple[str, str]] = []
    faults = Faults(load_scenario("demo"), lambda host, name: asked.append((host, name)))
    faults.set("pay01", "blackout")
    faults.set("pay01", "wrong_status", "7")
    assert faults.switched_on("pay01") == {"blackout": FAULTS["blackout"].value, "wrong_status": "7"}
    faults.clear("pay01", "blackout")
    assert faults.switched_on("pay01") == {"wrong_status": "7"}
    assert "blackout" not in faults.of("pay01") and asked[-1] == ("pay01", "blackout")
    for host, name in (("pay01", "nonsense"), ("nowhere", "hang")):
        with pytest.raises(UnknownFault):
            faults.set(host, name)


def test_unknown_keys_of_a_scenario_are_refused() -> None:
    with pytest.raises(TypeError, match="World has no colour"):
        build(World, {"colour": "red"})


def test_root_itself_shows_as_the_top_directory() -> None:
    assert PathsBack(ROOT).feed(f"{ROOT}/var:{ROOT}\n".encode(), last=True) == b"/var:/\n"


@cache
def first_state() -> World:
    return load_scenario("demo")


@pytest.mark.deep
@pytest.mark.parametrize("defect", defects())
def test_every_defect_changes_an_lpar(defect: str) -> None:
    world = load_scenario("demo")
    apply(world, "pay01", defect)
    assert world != first_state()
