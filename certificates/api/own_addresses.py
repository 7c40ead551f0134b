"""Addresses that an organisation has the keys of, and what those keys signed."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from certificates.api.base import ListView, OrganisationView
from ledger.api.idempotency import idempotent
from ledger.api.query import Query
from ledger.api.rows import HexField
from ledger.api.sent import Instant, Sent
from ledger.domain.signed_acts import parse
from ledger.errors import AddressNotLinked
from ledger.models import OwnAddress, WaitingTransaction
from ledger.services import own_addresses
from ledger.services.relaying import relay

ADDRESS, SIGNATURE = r"^0x[0-9a-fA-F]{40}$", r"^0x[0-9a-fA-F]{130}$"
GOOD_FOR = timedelta(hours=1)
SCOPES: dict[str, str] = {"GET": "certificates:read", "POST": "certificates:write"}


class LinkQuery(Query):
    address = serializers.RegexField(ADDRESS)


class LinkMessageSerializer(serializers.Serializer[Any]):
    """`message` is to be signed as a text (EIP-191, personal_sign) with the address' key."""

    address = serializers.CharField()
    until = serializers.DateTimeField()
    message = serializers.CharField()


class LinkSerializer(Sent):
    """The signature of the message, and the `until` that the message named."""

    address = serializers.RegexField(ADDRESS)
    until = Instant()
    signature = serializers.RegexField(SIGNATURE)


class OwnAddressSerializer(serializers.ModelSerializer[OwnAddress]):
    address = HexField()

    class Meta:
        model = OwnAddress
        fields = ["address", "linked_at"]


class SignedActSerializer(Sent):
    """A Transfer or Retirement as a wallet signed it (EIP-712)."""

    primaryType = serializers.ChoiceField(["Transfer", "Retirement"])  # noqa: N815 - EIP-712's
    message = serializers.DictField()
    signature = serializers.RegexField(SIGNATURE)


class RelayedSerializer(serializers.ModelSerializer[WaitingTransaction]):
    """`reason` is the contract's, where it refused the act after all."""

    transaction = serializers.SerializerMethodField()
    block = serializers.IntegerField(source="block.height", default=None)

    class Meta:
        model = WaitingTransaction
        fields = ["transaction", "status", "block", "reason"]

    def get_transaction(self, row: WaitingTransaction) -> str:
        return str(row)


class OwnAddressView(OrganisationView):
    scopes: ClassVar = SCOPES

    def visible(self) -> "QuerySet[Any]":
        return OwnAddress.objects.filter(holder=self.organisation.account_id)


class OwnAddressList(OwnAddressView, ListView):
    serializer_class = OwnAddressSerializer
    queryset = OwnAddress.objects.none()

    @extend_schema(summary="Addresses linked to your account")
    def get(self, request: Request) -> Any:
        return self.list(request)

    @extend_schema(
        request=LinkSerializer, responses={201: OwnAddressSerializer}, summary="Link an address"
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Links an address whose key signed the message that `message/` gives."""
        sent = LinkSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        own = own_addresses.link(
            holder=self.organisation.account,
            address=_bytes(sent.validated_data["address"]),
            signature=_bytes(sent.validated_data["signature"]),
            until=sent.validated_data["until"],
            actor=str(self.caller),
            now=timezone.now(),
        )
        return Response(OwnAddressSerializer(own).data, status=201)


class LinkMessage(OwnAddressView):
    serializer_class = LinkMessageSerializer

    @extend_schema(parameters=[LinkQuery], summary="What to sign to link an address")
    def get(self, request: Request) -> Response:
        """The text that shows, once signed, that you hold the key of an address."""
        address = LinkQuery.read(request)["address"].lower()
        until = timezone.now().replace(microsecond=0) + GOOD_FOR
        message = own_addresses.message_for(
            holder=self.organisation.account, address=_bytes(address), until=until
        )
        return Response({"address": address, "until": until, "message": message})


class SignedActs(OwnAddressView):
    serializer_class = RelayedSerializer

    @extend_schema(
        request=SignedActSerializer,
        responses={202: RelayedSerializer},
        summary="Bring a signed act",
    )
    def post(self, request: Request) -> Response:
        """Takes what the key of one of your addresses signed into the next block, once.

        It needs no Idempotency-Key: the same act again answers with what became of it.
        """
        act = parse(request.data)
        if not self.visible().filter(address=act.signer).exists():
            raise AddressNotLinked(f"0x{act.signer.hex()} is not linked to your account.")
        row = relay(act=act, actor=str(self.caller), now=timezone.now())
        return Response(RelayedSerializer(row).data, status=202)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
