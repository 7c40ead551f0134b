"""What needs more than acting for a company."""

from typing import Any

from certificates.models import Organisation, Role
from certificates.permissions import organisations_of

PUBLISH_SCORE = "charging.add_publishedscore"


def may_publish_score(user: Any, company: Organisation) -> bool:
    """Whether a person may show the company's score to everyone, and take it back.

    Who acts for a company sees all of it; speaking for it in public is given to persons one by
    one (`manage.py score_publisher`).
    """
    mine = organisations_of(user, Role.CHARGING_COMPANY).filter(pk=company.pk)
    return bool(user.has_perm(PUBLISH_SCORE)) and mine.exists()
