"""Addresses of this room."""

from django.urls import URLPattern, path

from inventory.views.advisories import AdvisoryListView, AdvisoryView, ImportAparListView
from inventory.views.compliance import (
    BaselinesView,
    ComplianceView,
    EndBaselineView,
    EndExceptionView,
    ExceptionView,
)
from inventory.views.discoveries import DiscoveredView, DiscoveryListView, DiscoveryView
from inventory.views.estate import (
    FleetView,
    HmcView,
    SystemListView,
    SystemView,
    lpars_branch,
    systems_branch,
)
from inventory.views.hosts import (
    AcceptHostKeyView,
    HostListView,
    HostView,
    ProposeHostKeyView,
    SshExceptionView,
)
from inventory.views.imports import ImportView
from inventory.views.lpars import LparListView
from inventory.views.nim import LppSourceView, NimMasterView, NimObjectListView

urlpatterns: list[URLPattern] = [
    path("compliance/", ComplianceView.as_view(), name="compliance"),
    path("compliance/baselines/", BaselinesView.as_view(), name="baselines"),
    path("compliance/baselines/<int:pk>/end/", EndBaselineView.as_view(), name="end-baseline"),
    path("compliance/exceptions/<int:pk>/end/", EndExceptionView.as_view(), name="end-exception"),
    path("lpars/<int:pk>/exception/", ExceptionView.as_view(), name="exception"),
    path("advisories/", AdvisoryListView.as_view(), name="advisories"),
    path("advisories/import/", ImportAparListView.as_view(), name="import-apar-list"),
    path("advisories/<int:pk>/", AdvisoryView.as_view(), name="advisory"),
    path("discoveries/", DiscoveryListView.as_view(), name="discoveries"),
    path("discoveries/<int:pk>/", DiscoveryView.as_view(), name="discovery"),
    path("discoveries/<int:pk>/<int:item>/", DiscoveredView.as_view(), name="discovered"),
    path("lpars/", LparListView.as_view(), name="lpars"),
    path("fleet/", FleetView.as_view(), name="fleet"),
    path("fleet/hmc/<int:pk>/", systems_branch, name="branch-systems"),
    path("fleet/system/<int:pk>/", lpars_branch, name="branch-lpars"),
    path("systems/", SystemListView.as_view(), name="systems"),
    path("systems/<int:pk>/", SystemView.as_view(), name="system"),
    path("hmcs/<int:pk>/", HmcView.as_view(), name="hmc"),
    path("hosts/", HostListView.as_view(), name="hosts"),
    path("hosts/import/", ImportView.as_view(), name="import-hosts"),
    path("hosts/<int:pk>/", HostView.as_view(), name="host"),
    path("hosts/<int:pk>/keys/<int:key>/propose/", ProposeHostKeyView.as_view(), name="propose-host-key"),
    path("hosts/<int:pk>/keys/<int:key>/accept/", AcceptHostKeyView.as_view(), name="accept-host-key"),
    path("hosts/<int:pk>/ssh-exception/", SshExceptionView.as_view(), name="set-ssh-exception"),
    path("nim-masters/<int:pk>/", NimMasterView.as_view(), name="nim-master"),
    path("nim-masters/<int:pk>/objects/", NimObjectListView.as_view(), name="nim-objects"),
    path("lpp-sources/<int:pk>/", LppSourceView.as_view(), name="lpp-source"),
]
