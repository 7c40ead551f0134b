"""Every object of the standard, made from its fields: what it may lack, what it may hold more."""

import json
import string
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charging.domain.ocpi.charge import read_cdr, read_session, read_site
from charging.domain.ocpi.document import read
from charging.domain.ocpi.doubts import doubts
from charging.domain.ocpi.objects import VERSIONS, Field, edition
from charging.domain.ocpi.validation import MAY_LACK, check, check_part, errors_of, in_words
from tests.charging.api.ocpi.conftest import EXAMPLES

SENT = ("CDR", "Credentials", "Location", "LocationReferences", "Session", "Tariff", "Token")
KINDS = [(version, kind) for version in VERSIONS for kind in edition(version).objects]
ENUMS = [
    (version, kind, field)
    for version, kind in KINDS
    for field in edition(version).objects[kind]
    if field.type in edition(version).enumerations
]
OPTIONAL = [
    (version, kind, field.name)
    for version, kind in KINDS
    for field in edition(version).objects[kind]
    if not field.is_mandatory
]
NAMES = st.text(string.ascii_lowercase, min_size=1).map("x_{}".format)
EXTRA = st.dictionaries(NAMES, st.none() | st.integers(0, 2**64) | st.text(), max_size=2)
WORDS = string.ascii_letters + string.digits
INSTANTS = st.datetimes(min_value=datetime(1970, 1, 1))  # noqa: DTZ001
PLAIN = {
    "boolean": st.booleans(),
    "int": st.integers(0, 10**9),
    "number": st.integers(0, 10**9) | st.decimals(0, 10**6, places=4).map(float),
    "DateTime": INSTANTS.map(lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}"),
    "URL": st.just("https://example.com/ocpi"),
}


def values(version: str, field: Field) -> st.SearchStrategy[Any]:
    """What one field may hold."""
    rules = edition(version)
    if field.type in rules.objects:
        one = objects(version, field.type)
    elif field.type in rules.enumerations:
        one = st.sampled_from(sorted(rules.enumerations[field.type].values))
    elif field.type in PLAIN:
        one = PLAIN[field.type]
    else:
        one = st.text(WORDS, min_size=1, max_size=field.max_length or 20)
    if not field.is_list:
        return one
    return st.lists(one, min_size=int(field.is_mandatory), max_size=2)


def objects(version: str, kind: str, optional: float = 0.3) -> st.SearchStrategy[dict[str, Any]]:
    """An object of this kind, with some of its optional fields and some that nobody knows."""

    @st.composite
    def made(draw: st.DrawFn) -> dict[str, Any]:
        fields = edition(version).objects[kind]
        few = draw(st.sets(st.sampled_from(fields), max_size=max(1, int(optional * len(fields)))))
        chosen = [field for field in fields if field.is_mandatory or field in few]
        found = {field.name: draw(values(version, field)) for field in chosen}
        return {**draw(EXTRA), **found}

    return made()


def read_again(value: Any) -> Any:
    """As it comes over the wire."""
    return read(json.dumps(value).encode())


@given(st.data())
def test_an_object_with_any_of_its_optional_fields_and_others_is_right(data):
    version, kind = data.draw(st.sampled_from(KINDS))
    made = read_again(data.draw(objects(version, kind)))
    assert in_words(errors_of(check(kind, made, version))) == "."
    assert not errors_of(check_part(kind, made, version))


READERS = {"CDR": read_cdr, "Session": read_session, "Location": read_site}


@given(st.data())
def test_what_is_right_can_be_read_and_doubted(data):
    version, kind = data.draw(st.sampled_from(VERSIONS)), data.draw(st.sampled_from(SENT))
    made = read_again(data.draw(objects(version, kind)))
    assert all(one.is_notice for one in doubts(kind, made))
    if kind in READERS:
        READERS[kind](made)


@pytest.mark.parametrize(("version", "kind", "name"), OPTIONAL)
@settings(max_examples=3)
@given(data=st.data())
def test_an_optional_field_may_be_missing_or_null(version, kind, name, data):
    made = data.draw(objects(version, kind))
    made.pop(name, None)
    assert not errors_of(check(kind, read_again(made), version))
    assert not errors_of(check(kind, read_again({**made, name: None}), version))


@given(st.data())
def test_a_mandatory_field_that_is_missing_is_named(data):
    version, kind = data.draw(st.sampled_from(KINDS))
    must = [field.name for field in edition(version).objects[kind] if field.is_mandatory]
    if not must:
        return
    made, name = read_again(data.draw(objects(version, kind))), data.draw(st.sampled_from(must))
    del made[name]
    (found,) = check(kind, made, version)
    assert str(found) == f"{name}: is missing"
    assert found.is_notice == ((kind, name) in MAY_LACK)


@pytest.mark.parametrize(("version", "kind", "field"), ENUMS)
@settings(max_examples=3)
@given(data=st.data())
def test_a_value_that_an_enumeration_lacks_is_taken_where_it_is_open_and_named_elsewhere(
    version, kind, field, data
):
    made = data.draw(objects(version, kind))
    made[field.name] = ["SOMETHING_NEW"] if field.is_list else "SOMETHING_NEW"
    found = errors_of(check(kind, read_again(made), version))
    if edition(version).enumerations[field.type].is_open:
        assert not found
    else:
        (one,) = found
        assert one.path.startswith(field.name)
        assert "must be one of" in one.problem


@given(st.data())
def test_a_field_of_another_type_is_named_and_never_believed(data):
    version, kind = data.draw(st.sampled_from(KINDS))
    rules = edition(version)
    field = data.draw(st.sampled_from(rules.objects[kind]))
    right = {"boolean": [True], "number": [-1.5]}.get(field.type, [])
    right += [{}] if field.type in rules.objects else []
    wrong = [each for each in ({}, [[]], -1.5, True, 1e30, "\ud800", [None]) if each not in right]
    made = data.draw(objects(version, kind)) | {field.name: data.draw(st.sampled_from(wrong))}
    found = check(kind, read_again(made), version)
    assert found
    assert all(one.path.startswith(field.name) for one in found)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_standard_s_own_examples_are_right(path):
    kind = {"cdr": "CDR"}.get(name := path.stem.split("_")[0], name.capitalize())
    assert not errors_of(check(kind, read(path.read_bytes()), "2.2.1"))
