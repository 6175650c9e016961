"""Fills a database with a fleet whose pages show every state, and serves it: for looking at pages.

`python -m tests.browser.seed` with PORTAL_VAR_DIR set to an empty directory; then
`manage.py runserver`, or an ASGI server. Everybody's password is `pages`.
"""

import os
from datetime import date, datetime, time, timedelta
from typing import Any

import django
from django.core.management import call_command

WORKLOAD = {"stop_workload": "/opt/shop/bin/stop", "start_workload": "/opt/shop/bin/start"}


def seed() -> dict[str, str]:
    """Names of pages and their addresses."""
    from django.db import transaction
    from django.utils.timezone import localdate

    from inventory.models import Host, HostKey, Lpar, LppSource
    from inventory.policies import visible_lpars
    from liveupdate.actions.agents import AgentEntry, approve_agent, write_agent
    from liveupdate.actions.approvals import reject
    from liveupdate.actions.conversation import say
    from liveupdate.actions.refreshes import ask_for_looks
    from liveupdate.actions.report_schedules import ScheduleWish, set_report_schedule
    from liveupdate.actions.requests import withdraw_request
    from liveupdate.actions.schedules import set_schedule
    from liveupdate.lpar.agents import AgentKind
    from liveupdate.models import Leftover, Request, Run
    from liveupdate.states import RunState
    from liveupdate.transitions import enter_state
    from portal.access.saved_filters import save_filter
    from portal.audit.models import Intake
    from portal.audit.sealer import seal_now
    from portal.lib.clock import now
    from tests.alike import submitted_for
    from tests.campaign_world import World, campaigns_to_look_at
    from tests.compliance import compliance_of
    from tests.control import control_of
    from tests.discoveries import discovery_of_everything, new_lpar
    from tests.fleet import CONSENTS, make_fleet
    from tests.nim_rows import make_nim
    from tests.outside import changed_outside
    from tests.report_sample import store_sample
    from tests.run_story import Story

    fleet = make_fleet()
    for person in fleet.people.values():
        person.set_password("pages")
        person.save()
    advisory, *_ = compliance_of(fleet)
    pages = {
        "dashboard": "/",
        "compliance": "/compliance/",
        "baselines": "/compliance/baselines/",
        "exception": f"/lpars/{fleet.lpars['pay01'].pk}/exception/",
        "advisories": "/advisories/",
        "advisory": f"/advisories/{advisory.pk}/",
        "import-apar-list": "/advisories/import/",
        "lpars": "/lpars/",
        "lpar-ready": f"/lpars/{fleet.lpars['pay01'].pk}/",
        "lpar-actions": f"/lpars/{fleet.lpars['pay02'].pk}/",
        "answer": f"/lpars/{fleet.lpars['pay01'].pk}/answers/RQ-171/",
        "checks": "/checks/",
        "check": "/checks/RQ-140/",
        "readiness": "/readiness/",
        "signatures": "/signatures/",
        "signature": "/signatures/P6/",
        "approvals": "/approvals/",
        "notices": "/notices/",
        "policy": "/policy/",
        "new-policy": "/policy/new/",
        "bench": "/policy/bench/",
        "delegations": "/delegations/",
        "standard-changes": "/standard-changes/",
        "emergencies": "/emergencies/",
        "requests": "/requests/",
        "runs": "/runs/",
        "leftovers": "/leftovers/",
        "outside-changes": "/outside-changes/",
        "deadlines": "/deadlines/",
        "access-reviews": "/access-reviews/",
        "hosts": "/hosts/",
        "import": "/hosts/import/",
        "request-form": f"/requests/new/?lpar={fleet.lpars['pay01'].pk}",
        "request-form-clone": f"/requests/new/?lpar={fleet.lpars['pay01'].pk}&procedure=rollback_clone",
    }
    reading = fleet.lpars["pay01"].host.readings_about.get(fact="lspv")
    pages["reading"] = f"/lpars/{fleet.lpars['pay01'].pk}/facts/{reading.pk}/"

    left = Leftover.objects.create(
        lpar=fleet.lpars["pay01"], kind="lvup_rootvg", about="hdisk2", text="hdisk2 holds lvup_rootvg.",
        owner=fleet.ana, due_on=localdate() - timedelta(days=1),
    )  # fmt: skip
    pages["leftover"] = left.get_absolute_url()
    pages["outside-change"] = changed_outside(fleet, "pay02").get_absolute_url()

    succeeded = fleet.queued()
    Run.objects.filter(pk=succeeded.pk).update(queued_at=now() - timedelta(hours=3))
    Story(succeeded).begin().looks().finishes()
    failed = fleet.queued("web01", "wes", "ivy")
    Story(failed).begin().fails().explains()
    held = fleet.queued("web01", "wes", "ivy", procedure="separate_update", choices=WORKLOAD)
    Story(held).begin().needs_person()
    blackout = fleet.queued()
    Story(blackout).begin().in_blackout()
    withdrawn = fleet.submitted()
    withdraw_request(fleet.ana, withdrawn.pk, "The freeze was moved to this week.")
    rejected = fleet.submitted()
    assert rejected.plan is not None
    reject(fleet.ivy, rejected.pk, rejected.plan.digest, "Please take the window after the payroll run.")
    drifted = fleet.approved("pay02", consents=CONSENTS)
    for name, request in {
        "request-drifted": drifted,
        "request-planning": fleet.asked("pay02", consents=CONSENTS),
        "request-planned": fleet.planned("pay02", consents=CONSENTS),
        "request-blocked": fleet.planned("pay02"),
        "request-submitted": fleet.submitted("pay02", consents=CONSENTS),
        "request-approved": fleet.approved("pay02", consents=CONSENTS),
        "request-rejected": rejected,
        "request-with-ways-out": held.request,
        "request-withdrawn": withdrawn,
    }.items():
        pages[name] = request.get_absolute_url()
    lost = fleet.queued("pay02", consents=CONSENTS)
    Story(lost).begin().in_blackout()
    lost.refresh_from_db()
    with transaction.atomic():
        enter_state(lost, RunState.CONTACT_LOST, reason="pay02 has not answered for 40 s; the HMC is asked.")
    for name, run in {
        "run-succeeded": succeeded, "run-failed": failed, "run-needs-person": held,
        "run-blackout": blackout, "run-contact-lost": lost,
    }.items():  # fmt: skip
        pages[name] = run.get_absolute_url()
    say(fleet.ivy, withdrawn.pk, "Is this night free?")
    alike = submitted_for(fleet.ana, fleet.lpars["pay01"], ["app01", "app02", "app03"], unlike="app03")
    pages["approvals-open"] = f"/approvals/?open={alike[0].pk}"
    pages["approvals-decided"] = "/approvals/?show=decided"
    pages["approvals-mine"] = "/approvals/?show=mine"
    pages["run-lines"] = f"{failed.get_absolute_url()}commands/{failed.commands.count()}/stdout/lines/?line=3"
    host = fleet.lpars["web02"].host
    Host.objects.filter(pk=host.pk).update(
        contact_state="refused",
        contact_problem="web02 shows another host key than the accepted one. Compare it on the host.",
    )
    HostKey.objects.create(
        host=host, fingerprint="SHA256:" + "Qz7" * 14 + "x", key_type="ssh-ed25519", state="changed"
    )
    pages["host-changed-key"] = f"/hosts/{host.pk}/"
    hmc = fleet.lpars["pay01"].hmc
    pages |= {
        "fleet": "/fleet/",
        "systems": "/systems/",
        "system-capacity": f"/systems/{fleet.lpars['pay01'].managed_system_id}/capacity/",
        "system": f"/systems/{fleet.lpars['pay01'].managed_system_id}/",
        "hmc": f"/hmcs/{hmc.pk}/",
        "lpar-facts": f"/lpars/{fleet.lpars['pay01'].pk}/facts/",
        "lpar-changes": f"/lpars/{fleet.lpars['pay01'].pk}/changes/?since=look",
        "lpar-stale": f"/lpars/{fleet.lpars['pay01'].pk}/old-libraries/",
        "lpars-filtered": "/lpars/?verdict=ready",
        "schedules": "/schedules/",
        "calendar": "/calendar/",
        "calendar-month": "/calendar/?view=month&by=applications",
        "periods": "/calendar/periods/",
        "new-period": "/calendar/periods/new/?kind=freeze",
        "import-calendar": "/calendar/import/",
        "calendar-feeds": "/calendar/feeds/",
        "agents": "/agents/",
    }
    write_agent(fleet.adm, AgentEntry(None, "dsmcad", AgentKind.SUBSYSTEM))
    own = AgentEntry(
        fleet.teams["Payroll"],
        "zabbix_agentd",
        AgentKind.COMMANDS,
        stop="/opt/zabbix/bin/agent stop",
        start="/opt/zabbix/bin/agent start",
        check="/opt/zabbix/bin/agent status",
    )
    agent = write_agent(fleet.adm, own)
    approve_agent(fleet.ivy, agent.pk, agent.digest)
    pages["agent"] = f"/agents/{agent.pk}/"
    save_filter(fleet.kim, "/lpars/", "verdict=ready", "Ready ones", fleet.teams["Payroll"])
    set_schedule(fleet.adm, fleet.teams["Payroll"], "", every_minutes=240, good_for_minutes=1440)
    old = {"facts_read_at": now() - timedelta(days=2), "stale_at": now() - timedelta(days=1)}
    Lpar.objects.filter(pk=fleet.lpars["pay02"].pk).update(**old)
    refresh = ask_for_looks(fleet.kim, visible_lpars(fleet.kim), "all LPARs that you may see")
    pages["refresh"] = f"/refreshes/{refresh.pk}/"
    pages["host"] = f"/hosts/{fleet.lpars['pay01'].hmc.host.pk}/"
    master = make_nim(fleet)
    pages["nim-master"] = f"/nim-masters/{master.pk}/"
    pages["nim-setup"] = f"/nim-masters/{master.pk}/setup/"
    pages["nim-objects"] = f"/nim-masters/{master.pk}/objects/"
    pages["lpp-source"] = f"/lpp-sources/{LppSource.objects.get(nim_object__name='lku-ifixes').pk}/"
    discovery = discovery_of_everything()
    pages["discoveries"] = "/discoveries/"
    pages["discovery"] = f"/discoveries/{discovery.pk}/"
    pages["discovery-gone"] = f"/discoveries/{discovery.pk}/?show=gone"
    pages["discovered"] = f"/discoveries/{discovery.pk}/{new_lpar().pk}/"
    pages |= campaigns_to_look_at(fleet)
    World(fleet, []).start_due([drifted.pk])
    pages["period"] = f"/calendar/periods/{_calendar(fleet)}/"
    control = control_of(fleet, Request.objects.filter(team=fleet.teams["Payroll"], plan__isnull=False)[0])
    pages["policy-version"] = f"/policy/{control.version.pk}/"
    report = store_sample(fleet.aud, fleet.teams["Payroll"])
    pages |= {
        "reports": "/reports/",
        "report-schedules": "/reports/schedules/",
        "report": f"/reports/{report.pk}/",
        "report-print": f"/reports/{report.pk}/print/",
        "report-population": f"/reports/{report.pk}/population/",
        "report-register": f"/reports/{report.pk}/register/",
        "report-limits": f"/reports/{report.pk}/limits/",
        "report-table": f"/reports/{report.pk}/register/changes/",
    }
    wish = ScheduleWish("approvals", fleet.teams["Payroll"], "month", "Europe/Berlin", [fleet.ana, fleet.aud])
    set_report_schedule(fleet.aud, wish)
    pages["request-form-slots"] = f"/requests/new/?lpar={fleet.lpars['pay02'].pk}"
    seal_now()
    pages["audit"] = "/audit/"
    pages["audit-health"] = "/audit/health/"
    pages["audit-entry"] = f"/audit/entries/{Intake.objects.latest('id').pk}/"
    pages["evidence"] = "/evidence/"
    return pages


def _calendar(fleet: Any) -> str:
    """A night each week for pay02, a freeze tomorrow for all; returns the freeze's uid."""
    from liveupdate.actions.feeds import open_feed
    from liveupdate.actions.periods import PeriodWish, write_period
    from liveupdate.control.calendar import Kind

    day = datetime.combine(date.today(), time())
    night = PeriodWish(
        Kind.WINDOW, "Weekly night", "Europe/Berlin", day + timedelta(hours=22), day + timedelta(hours=30),
        rule="FREQ=WEEKLY", lpar=fleet.lpars["pay02"],
    )  # fmt: skip
    write_period(fleet.adm, night, "Agreed with the owners of the archive.")
    tomorrow = day + timedelta(hours=34)
    close = PeriodWish(Kind.FREEZE, "Quarter close", "UTC", tomorrow, tomorrow + timedelta(hours=40))
    open_feed(fleet.adm, fleet.teams["Payroll"])
    return write_period(fleet.adm, close, "Finance closes the books.").uid


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    for name, address in seed().items():
        print(f"{name:<20} {address}")
