"""Offers, proposed agreements, cancellations, and who trades with whom."""

from django.contrib import admin

from certificates.models import AgreementProposal, Cancellation, Counterparty, Offer
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("source", "destination", "amount_wh", "moved_wh", "status", "offered_at")
    list_select_related = ("source", "destination")
    list_filter = ("status",)
    search_fields = ("pk", "source__slug", "destination__slug")


@admin.register(AgreementProposal)
class AgreementProposalAdmin(ReadOnlyAdmin):
    list_display = ("device", "to", "proposed_by", "measure", "status", "proposed_at")
    list_select_related = ("device", "to", "proposed_by")
    list_filter = ("status",)
    search_fields = ("device__gsrn", "to__slug")


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    list_display = ("number", "holder", "amount_wh", "purpose", "status", "asked_at")
    list_select_related = ("holder",)
    list_filter = ("status",)
    search_fields = ("pk", "holder__slug")
    exclude = ("disclosure_key", "request_hash")


@admin.register(Counterparty)
class CounterpartyAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "other", "rule", "noted_at")
    list_select_related = ("organisation", "other")
    list_filter = ("rule",)
    search_fields = ("organisation__slug", "other__slug")
