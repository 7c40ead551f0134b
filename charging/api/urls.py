"""Addresses of charging's API."""

from django.urls import path

from charging.api import receipts, scores, sessions, standing_wishes

urlpatterns = [
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
    path("sessions/<int:pk>/", sessions.SessionDetail.as_view(), name="session"),
    path("sessions/<int:pk>/driver/", sessions.SessionDriver.as_view(), name="session_driver"),
    path("session-files/", sessions.SessionFiles.as_view(), name="session_files"),
    path("session-files/<int:pk>/", sessions.SessionFileDetail.as_view(), name="session_file"),
    path("standing-wishes/", standing_wishes.StandingWishList.as_view(), name="standing_wishes"),
    path(
        "standing-wishes/<int:pk>/end/",
        standing_wishes.StandingWishEnd.as_view(),
        name="standing_wish_end",
    ),
    path("matching/", sessions.Matching.as_view(), name="matching"),
    path("matching/what-if/", sessions.WhatIf.as_view(), name="what_if"),
    path("score/", scores.PublicScore.as_view(), name="score"),
    path("receipts/<str:public_id>/", receipts.ReceiptDetail.as_view(), name="receipt"),
]
