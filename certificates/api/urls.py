"""Addresses of the certificates' API."""

from django.urls import path

from certificates.api import (
    account,
    certificates,
    counterparties,
    devices,
    energy,
    offers,
    own_addresses,
    public,
    statements,
)

urlpatterns = [
    path("account/", account.Account.as_view(), name="account"),
    path("account/held/", account.AccountHeld.as_view(), name="account-held"),
    path("devices/", devices.DeviceList.as_view(), name="devices"),
    path("devices/<str:gsrn>/", devices.DeviceDetail.as_view(), name="device"),
    path("devices/<str:gsrn>/readings/", devices.ReadingList.as_view(), name="readings"),
    path("devices/<str:gsrn>/issuance/", devices.Issuance.as_view(), name="issuance"),
    path("agreements/", devices.AgreementList.as_view(), name="agreements"),
    path("lots/", energy.LotList.as_view(), name="lots"),
    path("lots/<str:code>/", energy.LotDetail.as_view(), name="lot"),
    path("retirements/", energy.RetirementList.as_view(), name="retirements"),
    path("retirements/<int:pk>/", energy.RetirementDetail.as_view(), name="retirement"),
    path("own-addresses/", own_addresses.OwnAddressList.as_view(), name="own-addresses"),
    path("own-addresses/message/", own_addresses.LinkMessage.as_view(), name="link-message"),
    path("signed-acts/", own_addresses.SignedActs.as_view(), name="signed-acts"),
    path("certificates/", certificates.CertificateList.as_view(), name="certificates"),
    path("certificates/transfer/", certificates.Transfer.as_view(), name="transfer"),
    path("certificates/reserve/", certificates.Reserve.as_view(), name="reserve"),
    path("certificates/release/", certificates.Release.as_view(), name="release"),
    path("certificates/lock/", certificates.Lock.as_view(), name="lock"),
    path("certificates/unlock/", certificates.Unlock.as_view(), name="unlock"),
    path("certificates/withdraw/", certificates.Withdraw.as_view(), name="withdraw"),
    path("certificates/cancel/", statements.Cancel.as_view(), name="cancel"),
    path("statements/", statements.StatementList.as_view(), name="statements"),
    path("statements/<str:public_id>/", statements.StatementDetail.as_view(), name="statement"),
    path("offers/", offers.OfferList.as_view(), name="offers"),
    path("offers/<int:pk>/", offers.OfferDetail.as_view(), name="offer"),
    path("offers/<int:pk>/accept/", offers.OfferAccept.as_view(), name="offer-accept"),
    path("offers/<int:pk>/reject/", offers.OfferReject.as_view(), name="offer-reject"),
    path("offers/<int:pk>/withdraw/", offers.OfferWithdraw.as_view(), name="offer-withdraw"),
    path("counterparties/", counterparties.CounterpartyList.as_view(), name="counterparties"),
    path(
        "counterparties/<slug:other>/remove/",
        counterparties.CounterpartyRemove.as_view(),
        name="counterparty-remove",
    ),
    path(
        "certificates/<str:gsrn>/<int:number>/",
        public.CertificateDetail.as_view(),
        name="certificate",
    ),
]
