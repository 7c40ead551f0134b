"""Addresses of the ledger's API."""

from django.urls import path

from ledger.api import blocks

urlpatterns = [
    path("blocks/", blocks.BlockList.as_view(), name="blocks"),
    path("blocks/<int:height>/", blocks.BlockDetail.as_view(), name="block"),
]
