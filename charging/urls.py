"""Addresses of charges: the receipt for anyone who holds its link, pages for who logged in."""

from django.urls import path

from charging.views import meter_value, score, verify
from charging.views.company import charges as company_charges
from charging.views.company import claims as company_claims
from charging.views.company import connections
from charging.views.company import evidence as company_evidence
from charging.views.company import exports as company_exports
from charging.views.company import holds as company_holds
from charging.views.company import home as company
from charging.views.company import hours as company_hours
from charging.views.company import importing as company_import
from charging.views.company import rules as company_rules
from charging.views.company import sessions as company_sessions
from charging.views.company import standing_wishes as company_standing_wishes
from charging.views.company import wishes as company_wishes
from charging.views.driver import cards as driver_cards
from charging.views.driver import charges as driver
from charging.views.driver import files as driver_files
from charging.views.driver import joining
from charging.views.receipts import disclosure, receipt

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
    path("driver/new/", joining.ask, name="driver-ask"),
    path("driver/new/<str:invited>/", joining.join, name="driver-join"),
    path("driver/charges/<int:session_id>/link/", driver.link, name="driver-link"),
    path("driver/cards/", driver_cards.cards, name="driver-cards"),
    path("driver/wish/", driver.wish, name="driver-wish"),
    path("driver/goal/", driver.goal, name="driver-goal"),
    path("driver/statement.pdf", driver_files.statement_pdf, name="driver-statement-pdf"),
    path("driver/statement.csv", driver_files.statement_csv, name="driver-statement-csv"),
    path("driver/export.json", driver_files.export, name="driver-export"),
    path("driver/erase/", driver.erase, name="driver-erase"),
    path("company/", company.coverage_page, name="company"),
    path("company/what-if/", company_rules.what_if_page, name="company-what-if"),
    path("company/runs/<int:number>/", company_rules.run_page, name="company-run"),
    path(
        "company/runs/stopped/<int:number>/", company_rules.stopped_page, name="company-stopped-run"
    ),
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
    path("company/files/", company_sessions.moved, name="company-files-moved"),
    path("company/day/", company_charges.day_page, name="company-day"),
    path("company/charges/<int:number>/", company_charges.charge_page, name="company-charge"),
    path("company/sessions/", company_sessions.sessions_page, name="company-sessions"),
    path("company/sessions/import/", company_import.import_page, name="company-import"),
    path(
        "company/sessions/import/<int:number>/",
        company_import.draft_page,
        name="company-import-draft",
    ),
    path(
        "company/sessions/import/<int:number>/progress/",
        company_import.progress,
        name="company-import-progress",
    ),
    path("company/sessions/rows/<int:number>/", company_sessions.decide_row, name="decide-row"),
    path(
        "company/sessions/files/<int:number>/rejected.csv",
        company_sessions.rejected_file,
        name="company-rejected",
    ),
    path(
        "company/sessions/files/<int:number>/held/<str:cause>/",
        company_holds.cause_page,
        name="company-held-cause",
    ),
    path("company/wishes/", company_wishes.wishes_page, name="company-wishes"),
    path("company/wishes/standing/", company_standing_wishes.page, name="company-standing-wishes"),
    path(
        "company/wishes/standing/<int:number>/end/",
        company_standing_wishes.end,
        name="company-standing-wish-end",
    ),
    path("company/score/", score.desk_page, name="company-score"),
    path("score/<slug:slug>/", score.score_page, name="score"),
    path("score/<slug:slug>/score.json", score.score_file, name="score-file"),
    path("company/lists/", company_exports.lists_page, name="company-lists"),
    path("company/lists/<slug:name>.<slug:kind>", company_exports.list_page, name="company-list"),
    path("company/findings/", company_sessions.findings_page, name="company-findings"),
    path("company/connections/", connections.connections_page, name="connections"),
    path("company/connections/held/<int:pk>/", connections.release_charge, name="release-cdr"),
]
