"""The auditor's door: Django's admin under the registry's name, to look and to check."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from config.attention import CHECKED, attention
from config.log_in import UnhurriedAdmin
from ledger.models import AuditEvent, ConsistencyRun
from ledger.services import consistency, consistency_runs

# The way of a Wh first, then what it is booked in, then who and what they are measured by.
GROUPS = (
    (
        "From the meter to the receipt",
        "device meterfile reading correction correctionpart debtmove lot retirement ownretirement "
        "allocation sessionhour session sessionfile sessionrow receipt matchingrun closedinterval "
        "provisionalhour touchedday",
    ),
    (
        "From other registries",
        "certificateimport externalrange externalregistry plantdocument",
    ),
    (
        "Storage",
        "storageterms storagerecord storageact chargeallocation lossinterval storedpart"
        " dischargepart",
    ),
    ("Meters and findings", "meterkey signedrecord chargefinding cdrrating sessiondraft"),
    (
        "The book",
        "entry posting account balance asset lotasset auditevent consistencyrun "
        "stretchholding stretchproduction stretchuse touchedstretch",
    ),
    (
        "The chain",
        "outboxitem batch settlemententry block witness witnesssignature ownaddress voidclaim "
        "mirroredevent waitingtransaction",
    ),
    (
        "Other charging systems (OCPI)",
        "connection connectionmessage cdr ocpiobject claimdelegation supersededallocation",
    ),
    (
        "Who takes part",
        "organisation organisationrole membership user apikey agreement party subaccount notice "
        "registrypolicy counterparty offer agreementproposal cancellation handover standingorder "
        "standingrun",
    ),
    (
        "Places and figures",
        "area closingpolicy coupledarea devicesite standingwish gridintensity emissionfactor "
        "comparator location locationalias evse sessionclaim tokenchallenge proventoken "
        "publishedscore",
    ),
)


class RegistryAdminSite(admin.AdminSite):
    """Read-only; its one act has the book checked, which leaves an audit event with the result."""

    site_header = "Registry: audit"
    login_form = UnhurriedAdmin
    site_title = "Registry audit"
    index_title = "What is in the registry"
    site_url = "/"
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        check = self.admin_view(require_POST(self.check_consistency))
        result = self.admin_view(self.consistency_result)
        run = self.admin_view(self.consistency_run)
        return [
            path("find/", self.admin_view(self.find), name="find"),
            path("consistency/", check, name="check_consistency"),
            path("consistency/<int:event_id>/", result, name="consistency_result"),
            path("consistency/run/<int:run_id>/", run, name="consistency_run"),
            *super().get_urls(),
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """What waits for somebody; then every list, grouped by what an auditor comes for."""
        lists = {
            model["object_name"].lower(): model
            for app in self.get_app_list(request)
            for model in app["models"]
        }
        groups = [
            (title, [lists[name] for name in names.split() if name in lists])
            for title, names in GROUPS
        ]
        # Imported late: what it reads needs the models.
        may_look = request.user.has_perm("ledger.view_entry")
        queues = attention(timezone.now()) if may_look else None
        last = consistency_runs.latest_run() if may_look else None
        context = {"groups": groups, "queues": queues, "last_run": last}
        return super().index(request, context | (extra_context or {}))

    def find(self, request: HttpRequest) -> HttpResponse:
        """One box for any number: straight to the row where there is only one."""
        term = request.GET.get("q", "").strip()[:200]
        # Imported late: the doors it reads register themselves on this site.
        from config.audit_search import rows_named

        found = rows_named(self, request, term) if term else []
        rows = [row for group in found for row in group.rows]
        if len(rows) == 1:
            return redirect(rows[0][0])
        context = self.each_context(request) | {"title": "Search", "found": found, "term": term}
        return TemplateResponse(request, "admin/find.html", context)

    def check_consistency(self, request: HttpRequest) -> HttpResponse:
        """Have a worker check, once however often it is asked; the result keeps its address."""
        if not request.user.has_perm("ledger.view_entry"):
            raise PermissionDenied
        run = consistency_runs.ask(actor=request.user, now=timezone.now())
        return redirect("admin:consistency_run", run.pk)

    def consistency_run(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """How far a check is; its result once it is there."""
        if not request.user.has_perm("ledger.view_auditevent"):
            raise PermissionDenied
        run = get_object_or_404(ConsistencyRun, pk=run_id)
        if run.event_id:
            return redirect("admin:consistency_result", run.event_id)
        context = self.each_context(request) | {
            "title": "Consistency",
            "run": run,
            "nobody": consistency_runs.nobody_takes(run, timezone.now()),
            "steps": len(consistency.CHECKS),
        }
        return TemplateResponse(request, "admin/consistency_run.html", context)

    def consistency_result(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """What a check found, as it was found."""
        if not request.user.has_perm("ledger.view_auditevent"):
            raise PermissionDenied
        event = get_object_or_404(AuditEvent, pk=event_id, action=CHECKED)
        context: dict[str, Any] = self.each_context(request) | {
            "title": "Consistency",
            "event": event,
            "report": event.detail,
        }
        return TemplateResponse(request, "admin/consistency.html", context)
