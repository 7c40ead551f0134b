"""How many have seen a block."""

from django.db.models import Exists, OuterRef

from ledger.models import Witness, WitnessSignature


def witnessed(height: int) -> int:
    """The number of witnesses who executed the chain up to this block, or further.

    A signature of a block stands for all blocks before it: its hash covers them.
    """
    later = WitnessSignature.objects.filter(witness=OuterRef("pk"), block__height__gte=height)
    return Witness.objects.filter(Exists(later)).count()
