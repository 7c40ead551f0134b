"""What other systems keep here, found by whoever may see it."""

from datetime import datetime

from django.db.models import Q, QuerySet

from certificates.models import Organisation
from charging.models import OcpiObject, Party
from charging.models.sealing import fingerprint
from charging.queries.delegations import in_force


def storage_name(module: str, uid: str, token_type: str = "") -> str:
    """The name an object is kept under: its id in capitals, a driver's token as HMAC."""
    if module == OcpiObject.Module.TOKENS:
        return fingerprint(uid, token_type).hex()
    return uid.upper()


def find(party: Party, module: str, uid: str, token_type: str = "") -> OcpiObject | None:
    """The object of a party by its id, in any case; removed ones too."""
    name = storage_name(module, uid, token_type)
    return OcpiObject.objects.filter(party=party, module=module, uid=name).first()


def visible(organisation: Organisation, module: str, at: datetime) -> QuerySet[OcpiObject]:
    """What an organisation may read: its own, and that of whom it shares claims with now."""
    given = in_force(at).filter(operator=organisation).values("provider")
    held = in_force(at).filter(provider=organisation).values("operator")
    owner = (
        Q(party__organisation=organisation)
        | Q(party__organisation__in=given)
        | Q(party__organisation__in=held)
    )
    rows = OcpiObject.objects.filter(owner, module=module, removed_at__isnull=True)
    return rows.select_related("party")
