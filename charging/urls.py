"""Addresses of charges: the receipt for anyone who holds its link, pages for who logged in."""

from django.urls import path

from charging.views import company, driver, meter_value, receipt, verify

urlpatterns = [
    path("r/<str:public_id>/", receipt.receipt, name="receipt"),
    path("r/<str:public_id>/statement.json", receipt.statement, name="receipt-statement"),
    path("r/<str:public_id>/proof.json", verify.proof_file, name="receipt-proof"),
    path("verify/", verify.verify_page, name="verify"),
    path(f"verify/{verify.KEPT_NAME}", verify.verify_page_to_keep, name="verify-kept"),
    path("verify/trust.json", verify.trust_file, name="trust-file"),
    path("verify/meter-value/", meter_value.meter_value, name="verify-meter-value"),
    path("driver/", driver.timeline, name="driver"),
    path("company/", company.coverage_page, name="company"),
]
