"""Lots refer to what is there, whichever way the database sees to it."""

import pytest

from certificates.models import Device, EmissionFactor, Lot, Reading
from certificates.services import reference
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from ledger.models import Entry
from ledger.models.bulk import insert
from tests.certificates.conftest import NOW, facts
from tests.past_models import delete_from, delete_while_another_writes, refused

pytestmark = pytest.mark.django_db
NOBODY = 987_654_321
ROWS = ["starts_at", "length_minutes", "sequence", "mask", "amount_wh", "quality", "issued_at"]
REFERENCES = ["device_id", "factor_id", "factor_ug_per_wh", "reading_id", "generated_by_id"]


@pytest.fixture
def lot(produce) -> Lot:
    return produce("5", "0")[0]


def another(lot: Lot, **changes: object) -> Lot:
    """A copy of a lot with an entry and a sequence of its own, written past the services."""
    entry = Entry.objects.create(
        key="other", kind="transfer", content_hash=b"\1" * 32, posted_at=NOW
    )
    given = {name: getattr(lot, name) for name in ROWS + REFERENCES}
    values = given | {"sequence": 7, "code": "f" * 40, "entry_id": entry.pk} | changes
    return Lot.objects.create(**values)


@pytest.mark.parametrize(
    "column", ["device_id", "factor_id", "reading_id", "generated_by_id", "entry_id"]
)
def test_a_lot_that_names_nothing_is_refused(lot, column):
    refused(lambda: another(lot, **{column: NOBODY}))


def test_a_lot_may_name_neither_a_reading_nor_another_plant(lot):
    made = another(lot, reading_id=None)
    assert (made.generated_by_id, Lot.objects.count()) == (None, 2)


@pytest.mark.parametrize("column", ["device_id", "factor_id", "reading_id", "generated_by_id"])
def test_a_lot_is_never_turned_to_what_is_not_there(lot, column):
    refused(lambda: Lot.objects.filter(pk=lot.pk).update(**{column: NOBODY}))


def test_what_a_lot_names_cannot_be_removed(lot):
    refused(lambda: delete_from("certificates_device", lot.device_id))
    refused(lambda: delete_from("certificates_emissionfactor", lot.factor_id))
    refused(lambda: delete_from("certificates_reading", lot.reading_id))
    refused(lambda: delete_from("ledger_entry", lot.entry_id))
    stored = register_device(facts=facts(name="Other"), now=NOW, approve=True)
    another(lot, generated_by_id=stored.pk)
    refused(lambda: delete_from("certificates_device", stored.pk))


def test_a_plant_and_a_factor_that_no_lot_names_can_go(lot):
    unused = EmissionFactor.objects.exclude(pk=lot.factor_id)[0]
    plant = Device.objects.get(pk=lot.device_id)
    plant.pk, plant.gsrn = None, "735999999999999993"
    plant.save(force_insert=True)
    delete_from("certificates_device", plant.pk)
    delete_from("certificates_emissionfactor", unused.pk)
    assert Device.objects.count() == 1
    assert not EmissionFactor.objects.filter(pk=unused.pk).exists()


def test_many_lots_with_one_that_names_nothing_are_refused_together(lot):
    names = ["device", "starts_at", "length_minutes", "sequence", "code", "mask", "amount_wh"]
    names += ["quality", "factor", "factor_ug_per_wh", "reading", "entry", "issued_at"]
    entries = [
        Entry.objects.create(key=f"k{n}", kind="transfer", content_hash=b"\1" * 32, posted_at=NOW)
        for n in range(3)
    ]
    rows = [
        (
            *(lot.device_id, lot.starts_at, 60, 7 + n, f"{n:040x}", lot.mask, 1, lot.quality),
            *(lot.factor_id, lot.factor_ug_per_wh, reading, entry.pk, NOW),
        )
        for n, (entry, reading) in enumerate(
            zip(entries, [lot.reading_id, NOBODY, lot.reading_id], strict=True)
        )
    ]
    refused(lambda: insert(Lot, names, rows))
    assert Lot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_plant_removed_while_another_process_writes_its_lot_stays(data_dir):
    reference.load()
    register_organisation(name="Wind farm", slug="farm", roles=["producer"], now=NOW)
    plant = register_device(facts=facts(), now=NOW, approve=True)
    factor = EmissionFactor.objects.all()[0]
    bare = Lot(
        device=plant,
        factor=factor,
        factor_ug_per_wh=factor.emissions_ug_per_wh,
        starts_at=NOW,
        length_minutes=60,
        mask=3,
        amount_wh=1,
        quality="measured",
        issued_at=NOW,
    )
    delete_while_another_writes("certificates_device", plant.pk, lambda: another(bare))
    assert Lot.objects.get().device_id == plant.pk
    assert not Reading.objects.exists()
