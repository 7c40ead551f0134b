"""What the certificates app keeps."""

from certificates.models.agreement import Agreement, AgreementProposal
from certificates.models.area import Area, GridIntensity
from certificates.models.cancellation import Cancellation
from certificates.models.correction import Correction, CorrectionPart, DebtMove
from certificates.models.counterparty import Counterparty
from certificates.models.device import Device, Quality
from certificates.models.document import PlantDocument
from certificates.models.external import CertificateImport, ExternalRange, ExternalRegistry
from certificates.models.factor import EmissionFactor
from certificates.models.handover import Handover
from certificates.models.lot import Lot, LotAsset
from certificates.models.notice import Notice
from certificates.models.offer import Offer
from certificates.models.organisation import (
    ApiKey,
    Membership,
    Organisation,
    OrganisationRole,
    Role,
)
from certificates.models.policy import RegistryPolicy
from certificates.models.reading import MeterFile, Reading
from certificates.models.retirement import OwnRetirement, Retirement
from certificates.models.standing import entry_stands
from certificates.models.standing_order import StandingOrder, StandingRun
from certificates.models.storage import (
    ChargeAllocation,
    DischargePart,
    LossInterval,
    StorageRecord,
    StorageTerms,
    StoredPart,
)
from certificates.models.storage_act import StorageAct
from certificates.models.stretch import (
    StretchHolding,
    StretchProduction,
    StretchUse,
    TouchedStretch,
)
from certificates.models.sub_account import SubAccount
from certificates.models.user import User

__all__ = [
    "Agreement",
    "AgreementProposal",
    "ApiKey",
    "Area",
    "Cancellation",
    "CertificateImport",
    "ChargeAllocation",
    "Correction",
    "CorrectionPart",
    "Counterparty",
    "DebtMove",
    "Device",
    "DischargePart",
    "EmissionFactor",
    "ExternalRange",
    "ExternalRegistry",
    "GridIntensity",
    "Handover",
    "LossInterval",
    "Lot",
    "LotAsset",
    "Membership",
    "MeterFile",
    "Notice",
    "Offer",
    "Organisation",
    "OrganisationRole",
    "OwnRetirement",
    "PlantDocument",
    "Quality",
    "Reading",
    "RegistryPolicy",
    "Retirement",
    "Role",
    "StandingOrder",
    "StandingRun",
    "StorageAct",
    "StorageRecord",
    "StorageTerms",
    "StoredPart",
    "StretchHolding",
    "StretchProduction",
    "StretchUse",
    "SubAccount",
    "TouchedStretch",
    "User",
    "entry_stands",
]
