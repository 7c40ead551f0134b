"""What a charge cost, for whoever reads its receipt. No proof and no summary has it."""

from charging.domain.charge_cost import ChargeCost, cost_of_record
from charging.domain.ocpi.document import read_object
from charging.domain.tariff.rating import Rating
from charging.domain.tariff.records import rate_cdr
from charging.errors import InvalidCharge, InvalidTariff
from charging.models import Cdr, Session
from charging.models.sealing import unseal
from charging.queries.connectors import connectors_of


def cost_of(session: Session) -> ChargeCost | None:
    """The cost in the charge record that stands for a charge; none without one that says it."""
    if not session.country_code:
        return None  # files of charges state no cost
    recorded = Cdr.objects.filter(session=session, status=Cdr.Status.RECORDED)
    cdr = recorded.order_by("-pk").first()
    if cdr is None:
        return None
    document = read_object(unseal(cdr.body))
    rating: Rating | None = None
    if document.get("tariffs"):
        try:
            rating = rate_cdr(document, connectors_of([session])[session.pk].time_zone)
        except (InvalidCharge, InvalidTariff):
            rating = None  # a finding of the charge says why; here the stated cost stands alone
    try:
        return cost_of_record(document, rating)
    except InvalidCharge:
        return None  # likewise
