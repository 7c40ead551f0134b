"""Sealed blocks, for anyone."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api.paging import CursorPages
from ledger.api.query import Query
from ledger.models import Batch, Block


class BatchSerializer(serializers.ModelSerializer[Batch]):
    transaction_hash = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = ["sequence", "kind", "status", "transaction_hash"]

    def get_transaction_hash(self, row: Batch) -> str:
        return f"0x{bytes(row.transaction_hash).hex()}"


class BlockSerializer(serializers.ModelSerializer[Block]):
    block_hash = serializers.SerializerMethodField()
    state_root = serializers.SerializerMethodField()

    class Meta:
        model = Block
        fields = ["height", "block_hash", "state_root", "sealed_at"]

    def get_block_hash(self, row: Block) -> str:
        return f"0x{bytes(row.block_hash).hex()}"

    def get_state_root(self, row: Block) -> str:
        return f"0x{bytes(row.state_root).hex()}"


class BlockDetailSerializer(BlockSerializer):
    batches = BatchSerializer(many=True)

    class Meta(BlockSerializer.Meta):
        fields = [*BlockSerializer.Meta.fields, "batches"]


class HeightPages(CursorPages):
    order = ("height",)


class BlockList(ListModelMixin, GenericAPIView[Any]):
    serializer_class = BlockSerializer
    queryset = Block.objects.order_by()
    pagination_class = HeightPages
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(summary="Blocks, the newest first")
    def get(self, request: Request) -> Response:
        Query.read(request)
        return self.list(request)


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
