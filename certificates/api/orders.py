"""Standing orders: certificates used for a beneficiary period after period (recurring cancel)."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import DetailView, ListView, OrganisationView
from certificates.api.certificates import act_key
from certificates.api.lookups import device_named
from certificates.domain.selection import TECHNOLOGIES
from certificates.domain.sharing import WHOLE_PPM
from certificates.domain.standing_orders import Measure, Span
from certificates.errors import OrderRefused
from certificates.models import Cancellation, StandingOrder, StandingRun
from certificates.queries.holding.standing_orders import next_run, orders_of
from certificates.services.holding import standing_orders
from certificates.services.holding.agreements import MOST_WH_PER_HOUR
from certificates.services.holding.cancellations import LENGTHS
from certificates.services.holding.standing_orders import (
    LONGEST_WAIT_DAYS,
    MOST_WH_PER_RUN,
    OrderTerms,
)
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.sent import Instant, Sent, refuse_body

MEASURES = ("share_ppm", "wh_per_hour", "wh_per_run")


class StandingOrderSerializer(serializers.ModelSerializer[StandingOrder]):
    """One measure is set: `share_ppm` (else 0), `wh_per_hour` or `wh_per_run`. It runs for each
    UTC day or month in [starts_at, ends_at), `wait_days` after that is over. `used_wh` is what
    its runs have used.
    """

    device = serializers.CharField(source="device.gsrn", read_only=True, allow_null=True)
    used_wh = serializers.IntegerField(read_only=True)
    run_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = StandingOrder
        fields = [
            "id",
            "status",
            "device",
            "technology",
            "area",
            "share_ppm",
            "wh_per_hour",
            "wh_per_run",
            "every",
            "wait_days",
            "starts_at",
            "ends_at",
            "beneficiary_kind",
            "beneficiary",
            "country",
            "purpose",
            "problem",
            "ordered_at",
            "ended_at",
            "run_count",
            "used_wh",
        ]
        read_only_fields = fields


class NextRunSerializer(serializers.Serializer[Any]):
    """What the next run would use of what you hold now, and when it is due."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    lots = serializers.IntegerField()
    amount_wh = serializers.IntegerField()


class StandingOrderDetailSerializer(StandingOrderSerializer):
    """The same with its next run, which is null once there is none."""

    next_run = serializers.SerializerMethodField()

    class Meta(StandingOrderSerializer.Meta):
        fields = [*StandingOrderSerializer.Meta.fields, "next_run"]
        read_only_fields = fields

    @extend_schema_field(NextRunSerializer(allow_null=True))
    def get_next_run(self, row: StandingOrder) -> dict[str, Any] | None:
        found = next_run(row)
        if found is None:
            return None
        return {
            "starts_at": found.starts_at,
            "ends_at": found.ends_at,
            "due_at": found.due_at,
            "lots": len({each.lot_id for each in found.picked.holdings}),
            "amount_wh": found.picked.amount_wh,
        }


class StandingRunSerializer(serializers.ModelSerializer[StandingRun]):
    """A period that is done; `statement` is null where nothing that fits was held."""

    statement = serializers.CharField(
        source="cancellation.public_id", read_only=True, allow_null=True
    )
    amount_wh = serializers.IntegerField(source="used_wh", read_only=True)

    class Meta:
        model = StandingRun
        fields = ["id", "starts_at", "ends_at", "ran_at", "amount_wh", "statement"]
        read_only_fields = fields


class StandingBeneficiarySerializer(Sent):
    """For whom and for what; the period of use is each run's own."""

    kind = serializers.ChoiceField(Cancellation.BeneficiaryKind.choices)
    name = serializers.CharField(required=False, max_length=LENGTHS["beneficiary"])
    country = serializers.RegexField(r"^[A-Z]{2}$")
    purpose = serializers.CharField(max_length=LENGTHS["purpose"])
    address = serializers.CharField(required=False, max_length=LENGTHS["address"])
    location = serializers.CharField(required=False, max_length=LENGTHS["location"])
    note = serializers.CharField(required=False, max_length=LENGTHS["note"])


class NewOrderSerializer(Sent):
    """One of the three measures; a device, kind or area that is left out does not narrow."""

    device = serializers.RegexField(r"^[0-9]{18}$", required=False)
    technology = serializers.ChoiceField(sorted(TECHNOLOGIES), required=False)
    area = serializers.CharField(required=False, max_length=40)
    share_ppm = serializers.IntegerField(required=False, min_value=1, max_value=WHOLE_PPM)
    wh_per_hour = serializers.IntegerField(required=False, min_value=1, max_value=MOST_WH_PER_HOUR)
    wh_per_run = serializers.IntegerField(required=False, min_value=1, max_value=MOST_WH_PER_RUN)
    every = serializers.ChoiceField(StandingOrder.Every.choices)
    wait_days = serializers.IntegerField(
        required=False, min_value=0, max_value=LONGEST_WAIT_DAYS, default=5
    )
    starts_at = Instant()
    ends_at = Instant(required=False, allow_null=True)
    beneficiary = StandingBeneficiarySerializer()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len(set(MEASURES) & set(given)) != 1:
            raise serializers.ValidationError(
                {"share_ppm": [f"Give {', '.join(MEASURES[:-1])} or {MEASURES[-1]}: one of them."]}
            )
        return given


class OrderQuery(Query):
    status = serializers.ChoiceField(StandingOrder.Status.choices, required=False)


class Orders(OrganisationView):
    """The organisation's standing orders."""

    serializer_class: type[serializers.Serializer[Any]] = StandingOrderSerializer
    queryset = StandingOrder.objects.none()
    scopes: ClassVar = {"GET": "certificates:read", "POST": "certificates:write"}

    def visible(self) -> "QuerySet[Any]":
        return orders_of(self.organisation)

    def answer(self, pk: int, status: int = 200) -> Response:
        """The order as it is now."""
        return Response(StandingOrderDetailSerializer(self.find(pk=pk)).data, status=status)


class OrderList(Orders, ListView):
    query_class = OrderQuery

    @extend_schema(parameters=[OrderQuery], summary="Your standing orders")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=NewOrderSerializer,
        responses={201: StandingOrderDetailSerializer},
        summary="Use certificates period after period",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Each UTC day or month is used once it has been over for `wait_days`, with a statement
        of its own; what was used cannot be taken back."""
        Query.read(request)
        sent = NewOrderSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        gsrn = given.get("device")
        span = Span(given["every"], given["starts_at"], given.get("ends_at"))
        made = standing_orders.order(
            holder=self.organisation,
            terms=OrderTerms(
                measure=Measure(
                    given.get("share_ppm", 0), given.get("wh_per_hour"), given.get("wh_per_run")
                ),
                span=span,
                beneficiary=standing_orders.for_whom(span, **given["beneficiary"]),
                device=device_named(self.organisation, gsrn, OrderRefused) if gsrn else None,
                technology=given.get("technology", ""),
                area=given.get("area", ""),
                wait_days=given["wait_days"],
            ),
            key=act_key(self.organisation, request),
            now=timezone.now(),
            actor=self.caller,
        )
        return self.answer(made.pk, status=201)


class OrderDetail(Orders, DetailView):
    serializer_class = StandingOrderDetailSerializer

    @extend_schema(summary="One standing order and its next run")
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(pk)


class OrderRuns(ListView):
    serializer_class = StandingRunSerializer
    queryset = StandingRun.objects.none()
    scopes: ClassVar = {"GET": "certificates:read"}

    def visible(self) -> "QuerySet[Any]":
        found = StandingRun.objects.filter(order=self.kwargs["pk"], order__holder=self.organisation)
        used = Coalesce(F("cancellation__amount_wh"), 0, output_field=BigIntegerField())
        return found.select_related("cancellation").annotate(used_wh=used)

    @extend_schema(summary="Runs of a standing order")
    def get(self, request: Request, pk: int) -> Any:
        if not self.organisation.standing_orders.filter(pk=pk).exists():
            self.absent()
        return self.list(request)


class OrderAct(Orders):
    """The holder pauses, resumes or ends an order."""

    scopes: ClassVar = {"POST": "certificates:write"}
    act: ClassVar[Callable[..., Any]]

    @extend_schema(request=None, responses=StandingOrderDetailSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Twice is as once. What comes due while it is paused is left out."""
        Query.read(request)
        refuse_body(request)
        type(self).act(
            order=self.find(pk=pk), by=self.organisation, now=timezone.now(), actor=self.caller
        )
        return self.answer(pk)


class OrderPause(OrderAct):
    summary = "Pause a standing order"
    act = staticmethod(standing_orders.pause)


class OrderResume(OrderAct):
    summary = "Resume a standing order"
    act = staticmethod(standing_orders.resume)


class OrderEnd(OrderAct):
    summary = "End a standing order"
    act = staticmethod(standing_orders.end)
