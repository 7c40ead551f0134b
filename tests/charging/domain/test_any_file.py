"""Whatever a file of charges holds, every row is counted or the file refused by name."""

from hypothesis import given
from hypothesis import strategies as st

from charging.domain.profiles import GENERIC, PERTH_KINROSS, PROFILES
from charging.domain.session_file import read_rows
from charging.domain.session_rows import Period, Verdict, judge
from charging.errors import ChargingError

STAMPS = st.one_of(
    st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    st.datetimes().map(lambda at: f"{at:%d/%m/%Y}"),
    st.datetimes().map(lambda at: f"{at:%H:%M}"),
    st.sampled_from(["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "31/12/9999", "1/1/1"]),
    st.text(max_size=12),
)
# No arithmetic carries the first two; the others are none to a reader of tables.
ODD_NUMBERS = st.sampled_from(
    ["1E999999", "-9E-999999", "1_000", "\u0661\u0662", "0x1f", "1e3", "+.5"]
)


@given(st.text())
def test_any_text_below_a_header_is_rows_or_a_typed_error(text):
    try:
        rows = list(read_rows(f"{','.join(GENERIC.columns)}\n{text}".encode(), GENERIC))
    except ChargingError:
        return
    assert len({row.line for row in rows}) == len(rows)


@given(
    st.sampled_from([GENERIC, PERTH_KINROSS]),
    st.fixed_dictionaries(
        {
            name: st.one_of(STAMPS, st.decimals().map(str), ODD_NUMBERS)
            for profile in PROFILES.values()
            for name in profile.columns
        }
    ),
)
def test_any_row_gets_a_verdict_and_a_reason_unless_it_is_taken(profile, row):
    outcome = judge(row, profile, Period())
    assert (outcome.charge is not None) == (outcome.verdict is Verdict.ACCEPTED)
    assert bool(outcome.problems) == (outcome.verdict in (Verdict.REJECTED, Verdict.HELD))
