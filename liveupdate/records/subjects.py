"""Puts together what readiness and procedures look at, from the inventory and a request."""

from inventory.endpoints import endpoint_of
from inventory.facts.base import FactSet
from inventory.models import Host, Lpar, NimObject, PowerVc
from inventory.survey import nim_name, system_name
from liveupdate.lpar.nim_site import NimSite
from liveupdate.lpar.subject import MediaContents, PowerVcConsole, Subject
from liveupdate.models import Request
from liveupdate.policies import requesting_teams
from liveupdate.procedures.step import HostRef, Looking, StepHost
from liveupdate.records.accepted_stale import standing_acceptances
from liveupdate.records.agent_list import approved_agents
from liveupdate.records.answers import standing_answers
from liveupdate.records.before_images import before_of
from liveupdate.records.clone_records import clone_record_of
from liveupdate.records.media_contents import contents_of, media_contents
from liveupdate.records.nim_sites import nim_site
from liveupdate.records.package_places import places_of
from liveupdate.records.reservations import held_elsewhere, reserved_by
from liveupdate.records.surrogates import neighbours

NIM_SET_UP = frozenset({"nim_setup", "nim_client_setup", "nim_setup_removal"})
LOCAL_LIVE_UPDATE, POST_CHECK = "local_live_update", "post_check"


def subject_of_lpar(
    lpar: Lpar,
    facts: FactSet,
    *,
    procedure: str = LOCAL_LIVE_UPDATE,
    media: str = "",
    target_level: str = "",
    request: Request | None = None,
) -> Subject:
    """The LPAR with these facts, and what is asked for it (by `request`, if it is one)."""
    previews = "preview" in procedure.split("_")
    return Subject(
        name=lpar.name,
        uuid=lpar.uuid,
        managed_system=system_name(facts, lpar.managed_system.serial, lpar.managed_system.name),
        managed_system_serial=lpar.managed_system.serial,
        hmc=lpar.hmc.host.name,
        hmc_address=lpar.hmc.host.address,
        hmc_user=lpar.hmc.client_user,
        hmc_account=lpar.hmc.host.account,
        powervc=_powervc(lpar.powervc),
        rollback_clone_disk=lpar.rollback_clone_disk,
        procedure=procedure,
        media=media,
        target_level=target_level,
        facts=facts,
        answers=standing_answers(lpar),
        nim_name=_nim_name(lpar, facts),
        nim_site=_nim_site(lpar, procedure, request),
        nim_directory=lpar.nim_master.live_update_directory if lpar.nim_master else "",
        media_contents=_media_contents(lpar, media, request),
        held_disks=held_elsewhere(lpar, facts, None if previews else request),
        reserved=reserved_by(request) if request else {},
        neighbours=neighbours(lpar, facts, request),
        choices=request.choices if request else {},
        package_paths={file: place.path for file, place in places_of(request).items()} if request else {},
        clone=clone_record_of(lpar),
        accepted_stale=frozenset(standing_acceptances(lpar)),
        agents=approved_agents(lpar),
        before=before_of(lpar, request) if request and procedure == POST_CHECK else None,
    )


def _media_contents(lpar: Lpar, media: str, request: Request | None) -> MediaContents | None:
    """What the chosen lpp_source holds, or the one that lies in the media's directory."""
    chosen = str(request.choices.get("lpp_source", "")) if request else ""
    return contents_of(lpar, chosen) if chosen else media_contents(lpar, media)


def _powervc(powervc: PowerVc | None) -> PowerVcConsole | None:
    if powervc is None:
        return None
    return PowerVcConsole(
        name=powervc.name,
        address=powervc.address,
        user=powervc.client_user,
        project=powervc.project,
        credential=powervc.client_credential.name,
    )


def _nim_site(lpar: Lpar, procedure: str, request: Request | None) -> NimSite | None:
    """The NIM master's environment; its clients are LPARs for which the requester may ask."""
    if lpar.nim_master is None or procedure not in NIM_SET_UP:
        return None
    return nim_site(lpar.nim_master, lpar.hmc, requesting_teams(request.requester) if request else None)


def _nim_name(lpar: Lpar, facts: FactSet) -> str:
    if lpar.nim_master is None:
        return ""
    return nim_name(facts, NimObject.objects.name_of(lpar), lpar.name)


def subject_of_request(request: Request, facts: FactSet) -> Subject:
    """The request's LPAR with these facts, and what the request asks for."""
    return subject_of_lpar(
        request.lpar,
        facts,
        procedure=request.procedure,
        media=request.media,
        target_level=request.target_level,
        request=request,
    )


def plan_hosts(lpar: Lpar) -> dict[StepHost, HostRef]:
    """The hosts that a plan for this LPAR may name."""
    hosts = {StepHost.LPAR: _reference(lpar.host), StepHost.HMC: _reference(lpar.hmc.host)}
    if lpar.nim_master is not None:
        hosts[StepHost.NIM_MASTER] = _reference(lpar.nim_master.host)
    return hosts


def _reference(host: Host) -> HostRef:
    endpoint, looks = endpoint_of(host), host.looking_credential
    return HostRef(
        name=endpoint.name,
        address=endpoint.address,
        port=endpoint.port,
        account=endpoint.account,
        host_key=endpoint.host_key,
        credential=host.credential.name,
        looking=Looking(host.looking_account, looks.name) if looks else None,
    )
