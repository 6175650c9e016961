"""RQ-073: the Enterprise Pool of the managed system is in compliance, and not used beyond its limit."""

from inventory.facts.base import FactMissing
from inventory.facts.hmc.cod_pool_systems import COD_POOL_SYSTEMS
from inventory.facts.hmc.cod_pools import COD_POOLS
from liveupdate.lpar.capacity import IN_COMPLIANCE, POOL_LIMIT, activated, pool_of
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    found = pool_of(subject.facts, subject.managed_system_serial)
    if found is None:
        message = f"{subject.managed_system} shares no Enterprise Pool."
        return Outcome(FindingState.NOT_APPLICABLE, message, (quoted(subject, COD_POOLS),))
    pool = found[0]
    evidence = (
        lines_with(subject, COD_POOLS, having=(pool.name,)),
        quoted(subject, COD_POOL_SYSTEMS, pool.name),
    )
    if pool.state != IN_COMPLIANCE:
        if "compliance" not in pool.state:
            reading = subject.reading(COD_POOLS)
            raise FactMissing(COD_POOLS.name, "", reading, f"the pool's state {pool.state!r} is no known one")
        message = f"The Enterprise Pool {pool.name} is not in compliance: {pool.state}."
        return Outcome(FindingState.WARNING, message, evidence)
    beyond = [
        f"{used} of {entitled} {what}"
        for entitled, used, what in (
            (pool.cores, activated(pool.cores, pool.free_cores, pool.unreturned_cores), "cores"),
            (
                pool.memory_mb,
                activated(pool.memory_mb, pool.free_memory_mb, pool.unreturned_memory_mb),
                "MB of memory",
            ),
        )
        if entitled is not None and used is not None and used > POOL_LIMIT * entitled
    ]
    if beyond:
        message = (
            f"The Enterprise Pool {pool.name} is used beyond twice its entitlement: {', '.join(beyond)}."
        )
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"The Enterprise Pool {pool.name} is in compliance.", evidence)


CHECK = Check(
    id="RQ-073",
    title="Enterprise Pool in compliance",
    why="Live Update may activate resources of the pool for the surrogate, up to twice what the company is "
    "entitled to; a pool out of compliance gives none.",
    remedy="Give unreturned resources back on the HMC, until the pool says that it is in compliance.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-073",
    see="On the HMC: lscodpool -p POOL --level pool -F state prints In compliance.",
)
