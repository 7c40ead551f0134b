"""Addresses under /chain/: what a witness needs, for anyone."""

from django.urls import path

from ledger.views import chain

urlpatterns = [
    path("head", chain.head, name="chain_head"),
    path("genesis", chain.genesis, name="chain_genesis"),
    path("blocks/<int:first>/<int:last>", chain.blocks, name="chain_blocks"),
    path("witness-signatures", chain.witness_signatures, name="chain_witness_signatures"),
]
