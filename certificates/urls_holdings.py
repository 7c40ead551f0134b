"""Addresses for those who hold certificates, and the statements that anyone with the link opens."""

from django.urls import path

from certificates.views import exports, statements
from certificates.views.holder import agreements as holder_agreements
from certificates.views.holder import counterparties as holder_counterparties
from certificates.views.holder import holdings
from certificates.views.holder import offers as holder_offers
from certificates.views.holder import orders as holder_orders

urlpatterns = [
    path("holdings/", holdings.holdings, name="holdings"),
    path("holdings/offer/", holdings.offer, name="holdings_offer"),
    path("holdings/use/", holdings.use, name="holdings_use"),
    path("holdings/statements/", holdings.statements, name="statements"),
    path("holdings/offers/", holder_offers.offer_list, name="offers"),
    path("holdings/offers/<int:pk>/", holder_offers.offer, name="offer"),
    path("holdings/offers/<int:pk>/<slug:event>/", holder_offers.end, name="offer_end"),
    path("holdings/agreements/", holder_agreements.agreement_list, name="agreements"),
    path("holdings/agreements/<int:pk>/end/", holder_agreements.end, name="agreement_end"),
    path(
        "holdings/proposals/<int:pk>/<slug:event>/",
        holder_agreements.answer,
        name="proposal_answer",
    ),
    path(
        "holdings/counterparties/", holder_counterparties.counterparty_list, name="counterparties"
    ),
    path(
        "holdings/counterparties/<slug:slug>/remove/",
        holder_counterparties.remove,
        name="counterparty_remove",
    ),
    path("holdings/orders/", holder_orders.order_list, name="orders"),
    path("holdings/orders/<int:pk>/", holder_orders.order, name="order"),
    path("holdings/orders/<int:pk>/<slug:event>/", holder_orders.act, name="order_act"),
    path("holdings/export/<slug:name>.<slug:kind>", exports.export, name="export"),
    path("statements/<str:public_id>/", statements.statement, name="statement"),
    path(
        "statements/<str:public_id>/statement.json",
        statements.statement_json,
        name="statement_json",
    ),
    path(
        "statements/<str:public_id>/statement.pdf", statements.statement_print, name="statement_pdf"
    ),
    path("statements/<str:public_id>/undo/", statements.undo, name="statement_undo"),
]
