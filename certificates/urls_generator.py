"""Addresses for those who act for a producer."""

from django.urls import path

from certificates.views import generator, generator_certificates, generator_files

urlpatterns = [
    path("", generator.home, name="generator"),
    path("<str:gsrn>/upload/", generator_files.upload, name="generator_upload"),
    path(
        "<str:gsrn>/certificates/",
        generator_certificates.certificates,
        name="generator_certificates",
    ),
    path("files/batch/<str:sha256>/", generator_files.batch, name="generator_batch"),
    path("files/<int:pk>/", generator_files.meter_file, name="generator_file"),
    path("files/<int:pk>/read/", generator_files.reread, name="generator_reread"),
    path("files/<int:pk>/plants/", generator_files.assign, name="generator_assign"),
    path("files/<int:pk>/confirm/", generator_files.confirm, name="generator_confirm"),
    path("files/<int:pk>/progress/", generator_files.progress, name="generator_progress"),
    path("files/<int:pk>/lines/", generator_files.lines, name="generator_all_lines"),
    path("files/<int:pk>/lines.csv", generator_files.problem_list, name="generator_lines"),
    path(
        "files/<int:pk>/to-correct.csv",
        generator_files.correctable_lines,
        name="generator_correctable",
    ),
]
