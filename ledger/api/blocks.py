"""Sealed blocks, for anyone."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api.paging import CursorPages
from ledger.api.query import Query
from ledger.api.rows import HexField, RowsView
from ledger.models import Batch, Block


class BatchSerializer(serializers.ModelSerializer[Batch]):
    transaction_hash = HexField()

    class Meta:
        model = Batch
        fields = ["sequence", "kind", "status", "transaction_hash"]


class BlockSerializer(serializers.ModelSerializer[Block]):
    block_hash = HexField()
    state_root = HexField()

    class Meta:
        model = Block
        fields = ["height", "block_hash", "state_root", "sealed_at"]


class BlockDetailSerializer(BlockSerializer):
    batches = BatchSerializer(many=True)

    class Meta(BlockSerializer.Meta):
        fields = [*BlockSerializer.Meta.fields, "batches"]


class BlockList(RowsView):
    serializer_class = BlockSerializer
    queryset = Block.objects.order_by()
    pagination_class = CursorPages
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(summary="Blocks, the newest first")
    def get(self, request: Request) -> Any:
        Query.read(request)
        return self.list(request)

    def visible(self) -> "QuerySet[Any]":
        return Block.objects.all()

    def order(self) -> Sequence[str]:
        return ("height",)


class BlockDetail(GenericAPIView[Any]):
    serializer_class = BlockDetailSerializer
    queryset = Block.objects.order_by()
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(summary="One block and its batches")
    def get(self, request: Request, height: int) -> Response:
        Query.read(request)
        row = get_object_or_404(Block.objects.prefetch_related("batches"), height=height)
        return Response(BlockDetailSerializer(row).data)
