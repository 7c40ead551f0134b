"""Every list of an organisation that can be had as a file, grouped as its page shows them."""

from certificates.models import Organisation
from certificates.queries.generator import exports as generator
from certificates.queries.holding import exports as holding
from certificates.queries.listing import Listing

LISTINGS: dict[str, Listing[Organisation]] = holding.LISTINGS | generator.LISTINGS
GROUPS = (
    ("What you hold and trade", holding.LISTINGS),
    ("Your plants and storage", generator.LISTINGS),
)
