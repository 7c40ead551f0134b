"""What a meter file says, in the words of the person who uploaded it."""

from certificates.services.meters.summary import causes


def errors(*reasons):
    return {"errors": [{"line": n, "reason": reason} for n, reason in enumerate(reasons)]}


def test_lines_with_one_reason_say_it_with_its_figures():
    (cause,) = causes(errors(*["lies before it was commissioned (2014-05-01)"] * 2))
    assert (cause.count, cause.sentence) == (
        2,
        "lies before it was commissioned (2014-05-01)",
    )


def test_reasons_that_differ_in_figures_are_one_cause_without_them():
    (cause,) = causes(errors("lasts 7 minutes", "lasts 1,440 minutes"))
    assert (cause.count, cause.sentence) == (2, "lasts … minutes")
