"""A small list of IBM's, a baseline and an exception for tests of pages and lists."""

from datetime import timedelta

from django.utils.timezone import localdate

from inventory.actions.advisories import import_apar_list
from inventory.actions.exposures import compare_all
from inventory.actions.levels import BaselineWish, Leave, create_baseline, grant_exception
from inventory.compliance.apar_list import COLUMNS
from inventory.models import Advisory, Baseline, LevelException
from portal.audit.actor import Actor
from tests.fleet import Fleet

LINES = (
    "3.1,2026.11.20",
    "sec,aix,7200-05-03,A fault in the kernel,IJ50001,7200-05-04,IJ50001m3a.260101.epkg.Z,u,"
    "bos.mp64:7.2.5.0-7.2.5.105,20260102,,none,d,CVE-2026-1000:7.8,LU",
    "hiper,aix,7200-05-03,A fault in a fileset that nobody has,IJ50002,None,None,u,"
    "nobody.has.rte:7.2.5.0-7.2.5.105,20260103,,none,d,,yes",
    "sec,aix,7200-05-03,A line that nobody understands,IJ50003,None,None,u,bos.mp64,20260103,,none,d,,yes",
    "hiper,vios,2.2.3.0,Of VIOS,IV70381,2.2.3.50,None,u,pool.basic.rte:<6.1.9.45,20150603,,n,d,,no",
)
LIST = "\n".join([",".join(COLUMNS), *LINES, ""]).encode()


def compliance_of(fleet: Fleet) -> tuple[Advisory, Baseline, LevelException]:
    """The list compared with every LPAR, a baseline of production, an exception for pay01."""
    actor = Actor.person(fleet.adm.public_id)
    done = import_apar_list("apar.csv", LIST, actor=actor, person=fleet.adm, dry_run=False)
    assert done.file is not None
    compare_all(done.file.pk)
    wish = BaselineWish(
        "production 2026", "7200-05-04", "production", None, localdate() - timedelta(days=1), "Audit"
    )
    exception = grant_exception(
        fleet.adm,
        fleet.lpars["pay01"].pk,
        Leave(
            owner=fleet.ana,
            reason="The vendor certifies next month",
            compensation="Reached from the payroll network alone",
            starts_on=localdate(),
            expires_on=localdate() + timedelta(days=30),
        ),
    )
    return Advisory.objects.get(apar="IJ50001"), create_baseline(fleet.adm, wish), exception
