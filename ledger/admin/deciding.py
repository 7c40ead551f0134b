"""What people decide of rows in a list: of all that they chose or of none."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

Row = TypeVar("Row", bound=models.Model)


def decide(
    door: "ModelAdmin[Any]",
    request: HttpRequest,
    rows: "models.QuerySet[Row]",
    act: Callable[..., Any],
    refusals: type[Exception] | tuple[type[Exception], ...],
) -> list[Row]:
    """Call `act(row, now=, actor=)` for each row in the order given; returns the rows decided.

    One refusal leaves everything as it was, and is shown.
    """

    def act_on_each(chosen: list[Row], **by: Any) -> None:
        for row in chosen:
            act(row, **by)

    return decide_together(door, request, rows, act_on_each, refusals)


def decide_together(
    door: "ModelAdmin[Any]",
    request: HttpRequest,
    rows: "models.QuerySet[Row]",
    act: Callable[..., Any],
    refusals: type[Exception] | tuple[type[Exception], ...],
) -> list[Row]:
    """The same by one call of `act(rows, now=, actor=)`."""
    by, chosen = {"now": timezone.now(), "actor": request.user}, list(rows)
    try:
        with transaction.atomic():
            act(chosen, **by)
    except refusals as error:
        door.message_user(request, f"Nothing was changed. {error}", messages.ERROR)
        return []
    names = rows.model._meta
    noun = names.verbose_name if len(chosen) == 1 else names.verbose_name_plural
    door.message_user(request, f"{len(chosen)} {noun} decided.", messages.SUCCESS)
    return chosen
