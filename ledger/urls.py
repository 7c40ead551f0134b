"""Addresses of the ledger outside its API: for wallets and tools, and for witnesses."""

from django.urls import path

from ledger.views import chain, rpc

urlpatterns = [
    path("rpc", rpc.rpc, name="rpc"),
    path("chain/head", chain.head, name="chain_head"),
    path("chain/genesis", chain.genesis, name="chain_genesis"),
    path("chain/blocks/<int:first>/<int:last>", chain.blocks, name="chain_blocks"),
    path("chain/witness-signatures", chain.witness_signatures, name="chain_witness_signatures"),
]
