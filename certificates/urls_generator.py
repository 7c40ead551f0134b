"""Addresses for those who act for a producer."""

from django.urls import path

from certificates.views.generator import certificates as generator_certificates
from certificates.views.generator import corrections as generator_corrections
from certificates.views.generator import files as generator_files
from certificates.views.generator import handovers as generator_handovers
from certificates.views.generator import home as generator
from certificates.views.generator import imports as generator_imports
from certificates.views.generator import papers as generator_papers
from certificates.views.generator import plants as generator_plants
from certificates.views.generator import statements as generator_statements
from certificates.views.generator import storage

urlpatterns = [
    path("", generator.home, name="generator"),
    path("production/", generator_certificates.production, name="generator_production"),
    path("storage/", storage.home, name="storage_home"),
    path("storage/new/", storage.register, name="storage_register"),
    path("storage/<str:gsrn>/", storage.storage, name="storage_device"),
    path("storage/<str:gsrn>/records/", storage.send, name="storage_send"),
    path("storage/<str:gsrn>/withdraw/", storage.withdraw, name="storage_withdraw"),
    path("storage/<str:gsrn>/charge/", storage.charge, name="storage_charge"),
    path("storage/<str:gsrn>/settle/", storage.settle, name="storage_settle"),
    path("storage/<str:gsrn>/acts/<int:pk>/undo/", storage.undo, name="storage_undo"),
    path("plants/new/", generator_plants.start, name="generator_start_plant"),
    path("plants/new/check/", generator_plants.check, name="generator_plant_check"),
    path("plants/new/<str:name>/", generator_plants.step, name="generator_new_plant"),
    path("<str:gsrn>/plant/", generator_plants.plant, name="generator_plant"),
    path("<str:gsrn>/change/", generator_plants.change, name="generator_change_plant"),
    path("<str:gsrn>/update/", generator_plants.update, name="generator_update_plant"),
    path("<str:gsrn>/papers/", generator_papers.add, name="generator_add_paper"),
    path("<str:gsrn>/papers/<int:pk>/", generator_papers.download, name="generator_paper"),
    path(
        "<str:gsrn>/papers/<int:pk>/withdraw/",
        generator_papers.withdraw,
        name="generator_withdraw_paper",
    ),
    path("<str:gsrn>/missing/", generator.missing, name="generator_missing"),
    path("<str:gsrn>/missing.csv", generator.missing_file, name="generator_missing_file"),
    path("<str:gsrn>/correct/", generator_corrections.correct, name="generator_correct"),
    path("<str:gsrn>/statements/", generator_statements.statements, name="generator_statements"),
    path(
        "<str:gsrn>/statements/<str:month>.pdf",
        generator_statements.as_pdf,
        name="generator_statement_pdf",
    ),
    path(
        "<str:gsrn>/statements/<str:month>.csv",
        generator_statements.as_csv,
        name="generator_statement_csv",
    ),
    path("handovers/<int:pk>/", generator_handovers.handover, name="generator_handover"),
    path(
        "handovers/<int:pk>/<slug:event>/", generator_handovers.act, name="generator_handover_act"
    ),
    path("<str:gsrn>/hand-over/", generator_handovers.start, name="generator_hand_over"),
    path("<str:gsrn>/upload/", generator_files.upload, name="generator_upload"),
    path(
        "<str:gsrn>/certificates/",
        generator_certificates.certificates,
        name="generator_certificates",
    ),
    path("imports/sample.csv", generator_imports.sample, name="generator_import_sample"),
    path("imports/<int:pk>/", generator_imports.brought, name="generator_brought"),
    path(
        "imports/<int:pk>/progress/",
        generator_imports.progress,
        name="generator_brought_progress",
    ),
    path("<str:gsrn>/import/", generator_imports.start, name="generator_import"),
    path("<str:gsrn>/import/check/", generator_imports.check, name="generator_import_check"),
    path("<str:gsrn>/import/hand-in/", generator_imports.hand_in, name="generator_import_hand_in"),
    path("files/batch/<str:sha256>/", generator_files.batch, name="generator_batch"),
    path(
        "files/batch/<str:sha256>/effect/",
        generator_corrections.batch_effect,
        name="generator_batch_effect",
    ),
    path("files/<int:pk>/", generator_files.meter_file, name="generator_file"),
    path("files/<int:pk>/effect/", generator_corrections.effect, name="generator_effect"),
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
