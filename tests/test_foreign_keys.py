"""Tables point downward only, as the code does: a string foreign key is no import."""

import pytest
from django.apps import apps

ORDER = ["ledger", "certificates", "charging", "config"]


@pytest.mark.parametrize("app", ORDER)
def test_no_table_points_at_an_app_above_its_own(app):
    above = set(ORDER[ORDER.index(app) + 1 :])
    wrong = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None
        if field.related_model._meta.app_label in above
    ]
    assert wrong == []


def test_the_order_names_every_app_of_ours():
    ours = {app.label for app in apps.get_app_configs() if app.name in ORDER}
    assert ours == set(ORDER)
