"""What a rule is: a number, what becomes of a line, and a docstring that is the message."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

from certificates.domain.rules.case import Case

HELD, REFUSED, COUNTED, STATED = "held", "refused", "counted", "stated"


@dataclass(frozen=True, slots=True)
class Rule:
    """`apply` judges the lines of a case; its docstring is what the person reads."""

    number: str
    outcome: str
    apply: Callable[[Case, str], None]

    @property
    def name(self) -> str:
        return self.apply.__name__.replace("_", " ")

    @property
    def message(self) -> str:
        return inspect.cleandoc(self.apply.__doc__ or "").replace("\n", " ")

    def __call__(self, case: Case) -> None:
        self.apply(case, self.message)


@dataclass(frozen=True, slots=True)
class Statement:
    """A rule that is held elsewhere than at a line: `held_by` names the function that does."""

    number: str
    name: str
    message: str
    held_by: str


def pattern_of(rule: Rule) -> str:
    """A regular expression for the reasons that a rule gives, whatever the figures in them."""
    parts = re.split(r"\{[^}]*\}", rule.message)
    return f"^{'.*'.join(re.escape(part) for part in parts)}$"


def rule(number: str, outcome: str) -> Callable[[Callable[[Case, str], None]], Rule]:
    """Make a rule of a function."""
    return lambda apply: Rule(number, outcome, apply)
