"""What API views of an organisation share: what it may see, strict parameters, pages."""

from typing import Any, ClassVar, NoReturn, cast

from django.db.models import QuerySet
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework.generics import GenericAPIView

from certificates.api.authentication import Caller
from certificates.models import Organisation
from ledger.api.paging import CursorPages
from ledger.api.query import Query
from ledger.api.rows import RowsView
from ledger.api.sent import Instant


class PeriodQuery(Query):
    """A half-open period of starts, in ISO 8601 with a zone."""

    starts_from = Instant(required=False, help_text="What starts at this instant or later.")
    starts_before = Instant(required=False, help_text="What starts before this instant.")


class OrganisationView(GenericAPIView[Any]):
    """Look-ups start from `visible()`: what the caller's organisation may see.

    `lookups` says which column a query parameter filters. `scopes` names the scope of each
    method.
    """

    pagination_class = CursorPages
    query_class: type[Query] = Query
    lookups: ClassVar[dict[str, str]] = {}
    scopes: ClassVar[dict[str, str]] = {}

    @property
    def caller(self) -> Caller:
        """The organisation and its key."""
        return cast(Caller, self.request.user)

    @property
    def organisation(self) -> Organisation:
        """Whom the caller acts for."""
        return self.caller.organisation

    def visible(self) -> "QuerySet[Any]":
        """The rows that the caller may see."""
        raise NotImplementedError

    def get_queryset(self) -> "QuerySet[Any]":
        if getattr(self, "swagger_fake_view", False):
            return cast("QuerySet[Any]", self.queryset)  # type: ignore[arg-type]
        return self.visible().filter(**self.conditions(self.query_class.read(self.request)))

    def conditions(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the query parameters ask of the rows."""
        return {self.lookups.get(name, name): value for name, value in values.items()}

    def find(self, **identity: Any) -> Any:
        """One visible row. Another organisation's is not there: 404."""
        Query.read(self.request)
        return self.visible().filter(**identity).first() or self.absent()

    def absent(self) -> NoReturn:
        """There is no such thing, or it is another's: the answer is the same."""
        raise Http404


@method_decorator(conditional_page, name="dispatch")
class DetailView(OrganisationView):
    """One row, with an ETag: `If-None-Match` spares sending what is known."""


class ListView(RowsView, OrganisationView):
    """Rows of an organisation, in pages or as a stream."""
