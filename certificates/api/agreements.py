"""Standing agreements: given, proposed, accepted, rejected, withdrawn, ended."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.api.certificates import named
from certificates.api.lookups import device_named, own_device
from certificates.errors import AgreementRefused
from certificates.models import Agreement, AgreementProposal
from certificates.queries.holding.agreements import agreements_of, proposals_of
from certificates.services.holding import agreement_proposals, agreements
from certificates.services.holding.agreement_proposals import Terms
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Instant, Sent, refuse_body

MEASURES = ("share_ppm", "wh_per_hour")
LARGEST = agreements.MOST_WH_PER_HOUR


class AgreementSerializer(serializers.ModelSerializer[Agreement]):
    """A standing part of a device's production: a share in parts per million, which is 0 where
    the agreement gives Wh of every hour. `ended_from` is when one side ended it."""

    device = serializers.CharField(source="device.gsrn", read_only=True)
    to = serializers.SlugField(source="to.slug", read_only=True)

    class Meta:
        model = Agreement
        fields = [
            "id",
            "device",
            "to",
            "share_ppm",
            "wh_per_hour",
            "starts_at",
            "ends_at",
            "agreed_at",
            "ended_from",
        ]
        read_only_fields = fields


class NewAgreementSerializer(Sent):
    """A share or Wh of every hour, one of the two, of what is produced in [starts_at, ends_at)."""

    device = serializers.RegexField(r"^[0-9]{18}$")
    to = serializers.SlugField(max_length=50)
    share_ppm = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    wh_per_hour = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    starts_at = Instant(required=False)
    ends_at = Instant(required=False, allow_null=True)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len(set(MEASURES) & set(given)) != 1:
            raise serializers.ValidationError(
                {"share_ppm": ["Give share_ppm or wh_per_hour: one of the two."]}
            )
        return given


class ProposalSerializer(AgreementSerializer):
    """What one side asks of the other; `agreement` is what became of it once accepted."""

    proposed_by = serializers.SlugField(  # type: ignore[assignment]
        source="proposed_by.slug", read_only=True
    )
    agreement = serializers.IntegerField(source="agreement_id", read_only=True, allow_null=True)

    class Meta:
        model = AgreementProposal
        fields = [
            "id",
            "device",
            "to",
            "proposed_by",
            "share_ppm",
            "wh_per_hour",
            "starts_at",
            "ends_at",
            "status",
            "proposed_at",
            "ended_at",
            "agreement",
        ]
        read_only_fields = fields


class EndSerializer(Sent):
    """From when on nothing more is shared: the next full hour where it is left out."""

    ended_from = Instant(required=False)


class ProposalQuery(Query):
    status = serializers.ChoiceField(AgreementProposal.Status.choices, required=False)


class Agreements(OrganisationView):
    """Agreements that the organisation gives or gets by."""

    serializer_class: type[serializers.Serializer[Any]] = AgreementSerializer
    queryset = Agreement.objects.none()
    scopes: ClassVar = {"GET": "devices:read", "POST": "devices:write"}

    def visible(self) -> "QuerySet[Any]":
        return agreements_of(self.organisation)


class AgreementList(Agreements, ListView):
    @extend_schema(summary="Agreements you give or receive")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=NewAgreementSerializer,
        responses={201: AgreementSerializer},
        summary="Give a standing part",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Gives a standing part of one of your devices to another organisation, at once."""
        given = _sent(request)
        device = own_device(
            self.organisation,
            given["device"],
            AgreementRefused,
            "Propose an agreement on another's.",
        )
        terms: dict[str, Any] = {
            "device": device,
            "to": named(given["to"], "to"),
            "period": _period(given),
            "now": timezone.now(),
            "actor": str(self.caller),
        }
        if "wh_per_hour" in given:
            made = agreements.agree_hourly(wh_per_hour=given["wh_per_hour"], **terms)
        else:
            made = agreements.agree(share_ppm=given["share_ppm"], **terms)
        return Response(AgreementSerializer(made).data, status=201)


class AgreementDetail(Agreements, DetailView):
    @extend_schema(summary="One agreement")
    def get(self, request: Request, pk: int) -> Response:
        return Response(AgreementSerializer(self.find(pk=pk)).data)


class AgreementEnd(Agreements):
    scopes: ClassVar = {"POST": "devices:write"}

    @extend_schema(request=EndSerializer, responses=AgreementSerializer, summary="End an agreement")
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """By either side, for what is produced from an instant on, never for what was before."""
        sent = EndSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        ended = agreements.end(
            agreement=self.find(pk=pk),
            by=self.organisation,
            ended_from=sent.validated_data.get("ended_from"),
            now=timezone.now(),
            actor=str(self.caller),
        )
        return Response(AgreementSerializer(ended).data)


class Proposals(OrganisationView):
    """Proposals that the organisation made or was made."""

    serializer_class: type[serializers.Serializer[Any]] = ProposalSerializer
    queryset = AgreementProposal.objects.none()
    scopes: ClassVar = {"GET": "devices:read", "POST": "devices:write"}

    def visible(self) -> "QuerySet[Any]":
        return proposals_of(self.organisation)


class ProposalList(Proposals, ListView):
    query_class = ProposalQuery

    @extend_schema(parameters=[ProposalQuery], summary="Agreements that were proposed")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=NewAgreementSerializer,
        responses={201: ProposalSerializer},
        summary="Propose an agreement",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Asks the other side: `to` for a part of your device, or a device's owner for a part
        that is to be yours. In force only once they accept; the same again is the first."""
        given = _sent(request)
        made = agreement_proposals.propose(
            terms=Terms(
                device=device_named(self.organisation, given["device"]),
                to=named(given["to"], "to"),
                period=_period(given),
                share_ppm=given.get("share_ppm", 0),
                wh_per_hour=given.get("wh_per_hour"),
            ),
            by=self.organisation,
            now=timezone.now(),
            actor=self.caller,
        )
        return Response(ProposalSerializer(self.find(pk=made.pk)).data, status=201)


class ProposalDetail(Proposals, DetailView):
    @extend_schema(summary="One proposal")
    def get(self, request: Request, pk: int) -> Response:
        return Response(ProposalSerializer(self.find(pk=pk)).data)


class ProposalEnd(Proposals):
    """One side answers a proposal or takes it back."""

    scopes: ClassVar = {"POST": "devices:write"}
    end: ClassVar[Callable[..., Any]]

    @extend_schema(request=None, responses=ProposalSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Twice is as once; what the other side did before is said."""
        Query.read(request)
        refuse_body(request)
        type(self).end(
            proposal=self.find(pk=pk), by=self.organisation, now=timezone.now(), actor=self.caller
        )
        return Response(ProposalSerializer(self.find(pk=pk)).data)


class ProposalAccept(ProposalEnd):
    summary = "Accept a proposed agreement"
    end = staticmethod(agreement_proposals.accept)


class ProposalReject(ProposalEnd):
    summary = "Reject a proposed agreement"
    end = staticmethod(agreement_proposals.reject)


class ProposalWithdraw(ProposalEnd):
    summary = "Withdraw a proposed agreement"
    end = staticmethod(agreement_proposals.withdraw)


def _sent(request: Request) -> dict[str, Any]:
    Query.read(request)
    sent = NewAgreementSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def _period(given: dict[str, Any]) -> tuple[datetime, datetime | None]:
    return given.get("starts_at") or agreements.ALWAYS, given.get("ends_at")
