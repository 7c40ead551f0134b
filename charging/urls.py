"""Addresses of charges: the receipt for anyone who holds its link, pages for who logged in."""

from django.urls import path

from charging.views import (
    company,
    company_charges,
    company_claims,
    company_evidence,
    company_files,
    company_hours,
    company_rules,
    connections,
    disclosure,
    driver,
    driver_files,
    meter_value,
    receipt,
    verify,
)

urlpatterns = [
    path("r/<str:public_id>/", receipt.receipt, name="receipt"),
    path("r/<str:public_id>/receipt.pdf", receipt.pdf, name="receipt-pdf"),
    path("r/<str:public_id>/share.png", receipt.share_image, name="receipt-share"),
    path("r/<str:public_id>/disclose/", disclosure.choose, name="receipt-disclose"),
    path("r/<str:public_id>/summary.json", disclosure.summary, name="receipt-summary"),
    path("r/<str:public_id>/statement.json", receipt.statement, name="receipt-statement"),
    path("r/<str:public_id>/proof.json", verify.proof_file, name="receipt-proof"),
    path("verify/", verify.verify_page, name="verify"),
    path(f"verify/{verify.KEPT_NAME}", verify.verify_page_to_keep, name="verify-kept"),
    path("verify/trust.json", verify.trust_file, name="trust-file"),
    path("verify/meter-value/", meter_value.meter_value, name="verify-meter-value"),
    path("driver/", driver.timeline, name="driver"),
    path("driver/charges/<int:session_id>/link/", driver.link, name="driver-link"),
    path("driver/goal/", driver.goal, name="driver-goal"),
    path("driver/statement.pdf", driver_files.statement_pdf, name="driver-statement-pdf"),
    path("driver/statement.csv", driver_files.statement_csv, name="driver-statement-csv"),
    path("driver/export.json", driver_files.export, name="driver-export"),
    path("driver/erase/", driver.erase, name="driver-erase"),
    path("company/", company.coverage_page, name="company"),
    path("company/what-if/", company_rules.what_if_page, name="company-what-if"),
    path("company/runs/<int:number>/", company_rules.run_page, name="company-run"),
    path("company/month/", company_hours.month_page, name="company-month"),
    path("company/hour/", company_hours.hour_page, name="company-hour"),
    path("company/gap/", company_hours.gap_page, name="company-gap"),
    path("company/claims/", company_claims.claims_page, name="company-claims"),
    path("company/evidence/", company_evidence.evidence_page, name="company-evidence"),
    path(
        "company/evidence/<int:year>.zip",
        company_evidence.evidence_file,
        name="company-evidence-file",
    ),
    path("company/files/", company_files.files_page, name="company-files"),
    path(
        "company/files/<int:number>/not-taken.csv",
        company_files.problems_file,
        name="company-file-problems",
    ),
    path("company/day/", company_charges.day_page, name="company-day"),
    path("company/charges/<int:number>/", company_charges.charge_page, name="company-charge"),
    path("company/connections/", connections.connections_page, name="connections"),
    path(
        "company/connections/held/<int:pk>/own/", connections.declare_own_charge, name="declare-own"
    ),
]
