"""Addresses of charges: the receipt for anyone who holds its link, pages for who logged in."""

from django.urls import path

from charging.views import company, driver, receipt

urlpatterns = [
    path("r/<str:public_id>/", receipt.receipt, name="receipt"),
    path("r/<str:public_id>/statement.json", receipt.statement, name="receipt_statement"),
    path("driver/", driver.timeline, name="driver"),
    path("company/", company.coverage_page, name="company"),
]
