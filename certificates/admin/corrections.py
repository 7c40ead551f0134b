"""What corrections took from whom, what devices owe, and what organisations were told."""

from django.contrib import admin

from certificates.models import (
    Correction,
    CorrectionPart,
    DebtMove,
    Notice,
    SubAccount,
)
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    list_display = ("device", "starts_at", "before_wh", "after_wh", "corrected_at")
    list_select_related = ("device",)
    list_filter = ("device",)
    search_fields = ("pk", "device__gsrn")


@admin.register(CorrectionPart)
class CorrectionPartAdmin(ReadOnlyAdmin):
    list_display = ("correction", "source", "holder", "lot", "amount_wh")
    list_select_related = ("correction", "holder", "lot")
    list_filter = ("source",)
    search_fields = ("lot__code", "holder__slug")


@admin.register(DebtMove)
class DebtMoveAdmin(ReadOnlyAdmin):
    list_display = ("device", "starts_at", "kind", "amount_wh", "posted_at")
    list_select_related = ("device",)
    list_filter = ("kind", "device")
    search_fields = ("device__gsrn",)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "kind", "message", "amount_wh", "sent_at")
    list_select_related = ("organisation",)
    list_filter = ("kind",)
    search_fields = ("organisation__slug",)


@admin.register(SubAccount)
class SubAccountAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "purpose", "account")
    list_select_related = ("organisation", "account")
    list_filter = ("purpose",)
    search_fields = ("organisation__slug",)
