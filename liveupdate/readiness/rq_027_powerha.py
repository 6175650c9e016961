"""RQ-027: PowerHA must leave this node's resources alone while the node moves."""

from inventory.facts.aix.cluster_manager import CLUSTER_MANAGER, ClusterManager
from liveupdate.knowledge.levels import TABLE_NAME, Software, minimum
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.readiness.filesets import installed, listed, version

FILESET, MANAGER = "cluster.es.server.rte", "clstrmgrES"
AT_REST = frozenset({"", "ST_INIT", "NOT_CONFIGURED"})
SHOWN = ("Current state", "Forced down", "0513-")


def _test(subject: Subject) -> Outcome:
    """Both the version and what the cluster manager does now."""
    fileset = installed(subject, FILESET)
    if fileset is None:
        return Outcome(FindingState.NOT_APPLICABLE, "PowerHA is not installed.", (listed(subject, ()),))
    lines = listed(subject, (fileset,))
    least = minimum(Software.POWERHA)
    if not least.met_by(version(subject, fileset)):
        message = f"PowerHA is at {fileset.level}; Live Update needs {least.level} or above ({TABLE_NAME})."
        return Outcome(FindingState.BLOCKER, message, (lines,))
    return _at_rest(subject, subject.value(CLUSTER_MANAGER, MANAGER), f"PowerHA {fileset.level}", lines)


def _at_rest(subject: Subject, manager: ClusterManager, product: str, lines: Evidence) -> Outcome:
    said = quoted(subject, CLUSTER_MANAGER, MANAGER)
    shown = Evidence(said.host, said.command, tuple(line for line in said.lines if _shown(line)))
    evidence = (lines, shown)
    if manager.state in AT_REST:
        state = manager.state or "not running"
        message = f"The cluster manager of {product} is at rest ({state})."
        return Outcome(FindingState.OK, message, evidence)
    if manager.state == "ST_STABLE" and manager.unmanaged:
        return _unmanaged(subject, manager, product, evidence)
    message = f"{product} manages this node ({manager.state})."
    return Outcome(FindingState.BLOCKER, message, evidence)


def _unmanaged(
    subject: Subject, manager: ClusterManager, product: str, evidence: tuple[Evidence, ...]
) -> Outcome:
    """The list names cluster nodes, which need not be called like the partition."""
    nodes = ", ".join(manager.unmanaged)
    if {subject.name, subject.partition}.isdisjoint(manager.unmanaged):
        message = f"{product} leaves {nodes} unmanaged; whether that is this node its answer does not tell."
        return Outcome(FindingState.UNKNOWN, message, evidence)
    return Outcome(FindingState.OK, f"{product} leaves the resources of {nodes} unmanaged.", evidence)


def _shown(line: str) -> bool:
    return line.strip().startswith(SHOWN)


CHECK = Check(
    id="RQ-027",
    title="PowerHA leaves this node alone",
    why="A cluster that sees its node pause takes over its resources while Live Update moves them.",
    remedy="Stop the cluster services of this node with its resources left online (clmgr stop node=NODE "
    "WHEN=now MANAGE=unmanage), update one node at a time, and start them again after it.",
    see="lssrc -ls clstrmgrES shows Current state: ST_INIT, or names this node under Forced down node list",
    severity=Severity.BLOCKER,
    varies="Applies where PowerHA is installed.",
    test=_test,
    source=f"IBM: AIX Live Update, limitations; {TABLE_NAME}",
)
