"""The registry's terms: their history, and setting others from an instant on."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from certificates.errors import PolicyRefused
from certificates.forms.terms import WORDS, TermsForm
from certificates.models import RegistryPolicy
from certificates.permissions import is_auditor, works_for_registry
from certificates.queries.policies import changes_between, policy_at, turns
from certificates.queries.terms_effect import consequence
from certificates.services.registry_terms import planned, set_terms
from ledger.admin.readonly import ReadOnlyAdmin

CONFIRM, CHANGE = "confirm", "change"


@admin.register(RegistryPolicy)
class RegistryPolicyAdmin(ReadOnlyAdmin):
    """Auditors set terms on a page of their own; no row is ever changed."""

    list_display = ("valid_from", "reason", *WORDS)
    change_list_template = "admin/terms_change_list.html"

    def get_urls(self) -> list[URLPattern]:
        terms = self.admin_site.admin_view(
            require_http_methods(["GET", "HEAD", "POST"])(self.terms)
        )
        return [path("terms/", terms, name="registry_terms"), *super().get_urls()]

    def terms(self, request: HttpRequest) -> HttpResponse:
        """What holds and held; others from an instant on, after a look at what they change."""
        if not works_for_registry(request.user):
            raise PermissionDenied
        if request.method == "POST" and not is_auditor(request.user):
            raise PermissionDenied
        now = timezone.now()
        base = policy_at(now)
        form = TermsForm(request.POST or None, base=base)
        context: dict[str, Any] = {"form": form, "refusal": "", "plan": None}
        if request.method == "POST" and form.is_valid():
            try:
                step = request.POST.get("step")
                if step != CHANGE:
                    context["plan"] = self._plan(form, base, now)
                if step == CONFIRM:
                    return self._set(request, form, now)
            except PolicyRefused as error:
                context |= {"refusal": str(error), "plan": None}
        wrong = bool(context["refusal"]) or (request.method == "POST" and bool(form.errors))
        context |= self.admin_site.each_context(request) | {
            "title": "Terms of the registry",
            "turns": [(one, _worded(one.changes)) for one in turns()],
            "held": [(WORDS[name][0], _said(form.initial[name])) for name in WORDS],
            "base": base,
            "may_set": is_auditor(request.user),
            "now": now,
        }
        return TemplateResponse(request, "admin/terms.html", context, status=422 if wrong else 200)

    def _set(self, request: HttpRequest, form: TermsForm, now: Any) -> HttpResponse:
        made = set_terms(
            changes=form.changes(),
            valid_from=form.begins_at(now),
            reason=form.cleaned_data["reason"],
            now=now,
            actor=request.user,
        )
        words = f"These terms hold from {made.valid_from:%Y-%m-%d %H:%M} UTC on."
        messages.success(request, words)
        return redirect("admin:registry_terms")

    def _plan(self, form: TermsForm, base: RegistryPolicy | None, now: Any) -> dict[str, Any]:
        """What would be written, against what holds at that instant."""
        if form.cleaned_data["base"] != (base.pk if base else None):
            raise PolicyRefused(
                "The terms have changed since you opened this page. Look at them, and state your "
                "change again."
            )
        at = form.begins_at(now)
        row = planned(
            changes=form.changes(), valid_from=at, reason=form.cleaned_data["reason"], now=now
        )
        changes = changes_between(policy_at(at), row)
        return {
            "at": at,
            "is_now": not form.cleaned_data["begins"],
            "changes": [
                (*words, consequence(one.term, one.before, one.after, at))
                for one, words in zip(changes, _worded(changes), strict=True)
            ],
            "later": RegistryPolicy.objects.filter(valid_from__gt=at)
            .order_by("valid_from")
            .first(),
            "hidden": [(field.html_name, field.value()) for field in form],
        }


def _worded(changes: Any) -> list[tuple[str, str, str]]:
    return [(WORDS[one.term][0], _said(one.before), _said(one.after)) for one in changes]


def _said(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
