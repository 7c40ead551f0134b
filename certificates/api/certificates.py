"""Certificates that an organisation holds: what it has, and what it does with them."""

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.acts import (
    ActReportSerializer,
    ActSerializer,
    PickingActSerializer,
    RegistrarActSerializer,
    TransferSerializer,
    WithdrawalSerializer,
    picked,
)
from certificates.api.base import ListView, OrganisationView, PeriodQuery
from certificates.api.serializers import CertificateSerializer
from certificates.domain.holding_states import ACTIVE, LOCKED, RESERVED
from certificates.domain.selection import TECHNOLOGIES
from certificates.errors import HolderUnknown, RoleMissing
from certificates.models import Organisation, Quality, Role
from certificates.queries.holding.holdings import account_in_state, of_certificates
from certificates.queries.plants.origins import (
    ENERGY_SOURCE,
    OF_DEVICE,
    OF_SOURCE,
    TECHNOLOGY,
    of_plants,
    of_source,
)
from certificates.services.holding.bulk import BulkAct, carry_out
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.models import Balance

LOT = "asset__lot_asset__lot"
HELD = (ACTIVE, RESERVED, LOCKED)
SOURCE = {
    "of_technology": of_source(LOT, TECHNOLOGY),
    "of_energy_source": of_source(LOT, ENERGY_SOURCE),
}


class CertificateQuery(PeriodQuery):
    """Which certificates; `state` is active unless given."""

    state = serializers.ChoiceField(HELD, required=False)
    device = serializers.RegexField(r"^[0-9]{18}$", required=False)
    area = serializers.CharField(required=False, max_length=40)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    technology = serializers.ChoiceField(sorted(TECHNOLOGIES), required=False)
    technology_code = serializers.RegexField(r"^T[0-9]{6}$", required=False)
    energy_source_code = serializers.RegexField(r"^F[0-9]{8}$", required=False)
    quality = serializers.ChoiceField(Quality.choices, required=False)
    asset = serializers.RegexField(r"^[0-9a-f]{40}$", required=False)


class HeldList(ListView):
    """Certificates in one account, the latest issued first."""

    serializer_class = CertificateSerializer
    queryset = Balance.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    def own(self) -> "QuerySet[Any]":
        """All that lies in the account."""
        raise NotImplementedError

    def visible(self) -> "QuerySet[Any]":
        return self.own().filter(asset__lot_asset__isnull=False).annotate(**SOURCE)

    def details(self) -> "QuerySet[Any]":
        return Balance.objects.annotate(**SOURCE)

    def order(self) -> Sequence[str]:
        return ("asset_id",)


class CertificateList(HeldList):
    query_class = CertificateQuery
    lookups: ClassVar = {
        "quality": f"{LOT}__quality",
        "asset": "asset__code",
        "starts_from": f"{LOT}__starts_at__gte",
        "starts_before": f"{LOT}__starts_at__lt",
    }

    def visible(self) -> "QuerySet[Any]":
        """The organisation's certificates of the plants asked for."""
        return super().visible().filter(of_plants(LOT, self.asked()))

    def keys(self) -> "QuerySet[Any]":
        """Where nothing is asked, the account's own order alone: no other table is searched.

        PostgreSQL would else go through every lot down to the cursor's place.
        """
        return self.get_queryset() if self.asked() else of_certificates(self.own())

    def own(self) -> "QuerySet[Any]":
        """All that the organisation has in the state asked for, currencies too."""
        state = CertificateQuery.read(self.request).get("state", ACTIVE)
        return Balance.objects.filter(
            account=account_in_state(self.organisation, state), amount__gt=0
        )

    def asked(self) -> dict[str, Any]:
        """What the query asks of certificates, beside their state."""
        asked = CertificateQuery.read(self.request)
        if "technology" in asked:
            asked["technology"] = TECHNOLOGIES[asked["technology"]]
        return {name: value for name, value in asked.items() if name != "state"}

    def conditions(self, values: dict[str, Any]) -> dict[str, Any]:
        beside = {"state", *OF_DEVICE, *OF_SOURCE}  # these are in what is visible
        return super().conditions({n: v for n, v in values.items() if n not in beside})

    def order(self) -> Sequence[str]:
        """By time where anything about the lot is asked, in the order of the lots' own index.

        All that an account has comes by its assets, in the book's own order.
        """
        by_time = (f"{LOT}__starts_at", f"{LOT}__id", "asset_id")
        return by_time if self.asked().keys() - {"asset"} else ("asset_id",)

    @extend_schema(parameters=[CertificateQuery], summary="Certificates you hold")
    def get(self, request: Request) -> Any:
        """What the organisation holds, the latest issued first, or by time where any is asked."""
        return self.list(request)


class Act(OrganisationView):
    """A holder's act over certificates of its own."""

    event: ClassVar[str]
    serializer_class: type[serializers.Serializer[Any]] = ActSerializer
    scopes: ClassVar = {"POST": "certificates:write"}

    def visible(self) -> "QuerySet[Any]":
        return Organisation.objects.filter(pk=self.organisation.pk)

    @extend_schema(responses=ActReportSerializer)
    @idempotent
    def post(self, request: Request) -> Response:
        """All lines or none. A refusal names every line that cannot be, and why."""
        Query.read(request)
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        act = BulkAct(
            event=self.event,
            holder=self.holder(given),
            picked=picked(given),
            to=named(given["to"], "to") if "to" in given else None,
            state=given.get("state", ""),
            reason=given.get("reason", ""),
        )
        key = act_key(self.organisation, request)
        moved = carry_out(act=act, key=key, now=timezone.now(), actor=self.caller)
        report = {"event": self.event, "lines": len(moved), "amount_wh": sum(moved.values())}
        return Response(report)

    def holder(self, given: dict[str, Any]) -> Organisation:
        """Whose certificates these are."""
        return self.organisation


class RegistrarAct(Act):
    """The registry's act over certificates of any holder."""

    serializer_class = RegistrarActSerializer
    scopes: ClassVar = {"POST": "registry:write"}

    def holder(self, given: dict[str, Any]) -> Organisation:
        if not self.organisation.roles.filter(role=Role.REGISTRAR).exists():
            raise RoleMissing(f"Only a registrar may {self.event} certificates.")
        return named(given["holder"], "holder")


class Transfer(Act):
    summary = "Transfer certificates"
    event = "transfer"
    serializer_class = TransferSerializer


class Reserve(Act):
    summary = "Set certificates aside"
    event = "reserve"
    serializer_class = PickingActSerializer


class Release(Act):
    summary = "Take certificates back that were set aside"
    event = "release"


class Lock(RegistrarAct):
    summary = "Lock a holder's certificates"
    event = "lock"


class Unlock(RegistrarAct):
    summary = "Unlock a holder's certificates"
    event = "unlock"


class Withdraw(RegistrarAct):
    summary = "Withdraw a holder's certificates for good"
    event = "withdraw"
    serializer_class = WithdrawalSerializer


def named(slug: str, field: str) -> Organisation:
    """The organisation of a short name. Raises: HolderUnknown."""
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise HolderUnknown(f"No organisation has the short name {slug!r}.", field=field)
    return found


def act_key(organisation: Organisation, request: Request) -> str:
    """The book's key for an act: a repetition finds it even when the first answer was lost."""
    sent = request.headers.get("Idempotency-Key", "").strip()
    return f"api:{organisation.pk}:{hashlib.sha256(sent.encode()).hexdigest()}"
