"""Addresses of the ledger outside its API."""

from django.urls import path

from ledger import views

urlpatterns = [path("rpc", views.rpc, name="rpc")]
