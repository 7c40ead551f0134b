"""Addresses of charges: the receipt for anyone who holds its link, pages for who logged in."""

from django.urls import path

from charging.views import (
    company,
    company_charges,
    company_import,
    company_rules,
    company_sessions,
    connections,
    driver,
    meter_value,
    receipt,
    verify,
)

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
    path("company/what-if/", company_rules.what_if_page, name="company-what-if"),
    path("company/runs/<int:number>/", company_rules.run_page, name="company-run"),
    path("company/day/", company_charges.day_page, name="company-day"),
    path("company/charges/<int:number>/", company_charges.charge_page, name="company-charge"),
    path("company/sessions/", company_sessions.sessions_page, name="company-sessions"),
    path("company/sessions/import/", company_import.import_page, name="company-import"),
    path(
        "company/sessions/import/<int:number>/",
        company_import.draft_page,
        name="company-import-draft",
    ),
    path("company/sessions/rows/<int:number>/", company_sessions.decide_row, name="decide-row"),
    path(
        "company/sessions/files/<int:number>/rejected.csv",
        company_sessions.rejected_file,
        name="company-rejected",
    ),
    path("company/findings/", company_sessions.findings_page, name="company-findings"),
    path("company/connections/", connections.connections_page, name="connections"),
    path("company/connections/held/<int:pk>/", connections.release_charge, name="release-cdr"),
]
