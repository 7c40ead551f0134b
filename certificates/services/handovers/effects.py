"""What a binding handover does to the plant: agreements end, drafts lapse, the owner changes."""

from datetime import datetime

from certificates.domain.proposal_states import OPEN, WITHDRAWN
from certificates.errors import HandoverRefused
from certificates.models import AgreementProposal, Handover, MeterFile
from certificates.queries.generator.handover_effect import reaching
from certificates.services import notices
from certificates.services.meters import readings
from certificates.services.storage import undoing as storage_undoing
from ledger.services import audit


def end_agreements(handover: Handover, now: datetime, actor: object) -> None:
    """The seller's standing agreements end where the plant stops being theirs, and who got by
    them is told: a buyer agrees anew. What is produced before stays shared as agreed.
    """
    device, at = handover.device, handover.effective_at
    for agreement in reaching(device, at).select_related("to"):
        agreement.ended_from = max(at, agreement.starts_at)
        agreement.save(update_fields=["ended_from"])
        audit.record(
            now=now,
            actor=actor,
            action="agreement.ended",
            subject=device,
            detail={"to": agreement.to.slug, "by": "handover", "from": at.isoformat()},
        )
        notices.send(
            key=f"agreement:{agreement.pk}:handover:{handover.pk}",
            organisation_id=agreement.to_id,
            kind=notices.Kind.AGREEMENT,
            message=(
                f"{device.name} passes to {handover.buyer.name}. The agreement on "
                f"{agreement.measure} of it ends for what it gives from "
                f"{at:%Y-%m-%d %H:%M} UTC on; agree with the new owner."
            ),
            now=now,
        )


def pass_on(handover: Handover, now: datetime) -> None:
    """The device is the buyer's: proposals that its seller was a side of lapse, and so do the
    seller's files that nobody confirmed and what can still be undone at storage.
    """
    device = handover.device
    storage_undoing.end_all(device=device, now=now)
    open_ones = AgreementProposal.objects.filter(device=device, status=OPEN)
    open_ones.update(status=WITHDRAWN, ended_at=now)
    for file in device.meter_files.filter(status=MeterFile.Status.PREVIEWED):
        words = f"{device.name} changed hands before this file was confirmed. Upload it again."
        readings.mark_failed(file=file, error=HandoverRefused(words))
    device.organisation = handover.buyer
    device.save(update_fields=["organisation"])
    audit.record(
        now=now,
        actor="registry",
        action="device.handed_over",
        subject=device,
        detail={"reason": f"{handover.seller.name} to {handover.buyer.name}"},
    )
