"""PATCH: fields replace, null removes, periods are appended once."""

from hypothesis import given
from hypothesis import strategies as st

from charging.domain.ocpi.merge import patched, patched_session, with_connector, with_evse

periods = st.lists(
    st.fixed_dictionaries({"start_date_time": st.sampled_from("abcdef")}), max_size=5
)
parts = st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers())


@given(parts.filter(lambda d: None not in d.values()), parts)
def test_a_field_is_what_was_said_last(stored, part):
    merged = patched(stored, part)
    for name in "abcd":
        expected = part[name] if name in part else stored.get(name)
        assert merged.get(name) == expected
    assert None not in merged.values()


@given(periods, periods)
def test_a_patch_sent_twice_appends_once_and_loses_nothing(known, added):
    once = patched_session({"charging_periods": known}, {"charging_periods": added})
    assert patched_session(once, {"charging_periods": added}) == once
    assert once["charging_periods"][: len(known)] == known
    assert all(item in once["charging_periods"] for item in added)


def test_a_part_is_replaced_in_any_case_or_added_and_bumps_its_parents():
    old, new = "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"
    location = {"last_updated": old, "evses": [{"uid": "a", "last_updated": old}]}
    evse = with_connector(location["evses"][0], {"id": "1", "last_updated": new})
    changed = with_evse(location, {**evse, "uid": "A"})
    assert [e["uid"] for e in changed["evses"]] == ["A"]
    assert (changed["last_updated"], changed["evses"][0]["last_updated"]) == (new, new)
    assert len(with_evse(location, {"uid": "b", "last_updated": old})["evses"]) == 2
    assert (
        with_evse(location, {"uid": "b", "last_updated": "2019-01-01T00:00:00Z"})["last_updated"]
        == old
    )
