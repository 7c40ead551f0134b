"""The rules for meter readings, one unit each, in the order in which they are asked.

The first rule that objects to a line decides. docs/rules.md is written from these.
"""

from certificates.domain.rules import amounts, intervals, plants
from certificates.domain.rules.rule import Rule
from certificates.domain.rules.statements import STATEMENTS

RULES: tuple[Rule, ...] = (
    intervals.interval_is_over,
    intervals.same_line_twice,
    intervals.second_value_of_an_interval,
    intervals.first_of_two_values,
    intervals.overlap_within_the_file,
    intervals.interval_on_the_grid,
    intervals.known_already,
    intervals.correction,
    intervals.estimate_corrects_nothing,
    intervals.overlap_with_the_registry,
    amounts.within_capacity,
    amounts.own_consumption_within_capacity,
    amounts.dark_photovoltaics,
    amounts.day_within_the_technology,
    amounts.observed,
    plants.after_commissioning,
    plants.within_registration,
    plants.area_in_force,
    plants.before_the_deadline,
    plants.correction_before_the_owner,
    amounts.register_of_generation,
)

__all__ = ["RULES", "STATEMENTS", "Rule"]
