"""docs/rules.md, written from the rules and the table of transitions."""

from certificates.domain.holding_states import TRANSITIONS
from certificates.domain.rules import RULES, STATEMENTS

INTRODUCTION = (
    "Written by `manage.py write_rules` from `certificates/domain/rules/`; a test holds this "
    "page to the code."
)
ORDER = (
    "The rules are asked in this order, and the first that objects to a line decides. A line "
    "that is *held* waits for an auditor, who releases or ends it; a *refused* line is not "
    "stored; a *counted* line is good."
)
HEAD = f"""# Rules

{INTRODUCTION}

## What becomes of a line of a meter file

{ORDER}

| rule | name | a line is | what the person reads |
|---|---|---|---|
"""
HELD_ELSEWHERE = """
## What holds at registration, issuance and correction

| rule | name | sentence | held by |
|---|---|---|---|
"""
STATES = """
## What a held certificate may become

| event | from | to | by | the sentence for every other state |
|---|---|---|---|---|
"""


def rules_page() -> str:
    """The page as Markdown."""
    lines = [f"| {r.number} | {r.name} | {r.outcome} | {r.message} |" for r in RULES]
    said = [f"| {s.number} | {s.name} | {s.message} | `{s.held_by}` |" for s in STATEMENTS]
    states = [
        f"| {name} | {', '.join(event.sources)} | {event.target} | {event.by} | {event.refusal} |"
        for name, event in TRANSITIONS.items()
    ]
    return (
        HEAD
        + "\n".join(lines)
        + "\n"
        + HELD_ELSEWHERE
        + "\n".join(said)
        + "\n"
        + STATES
        + "\n".join(states)
        + "\n"
    )
