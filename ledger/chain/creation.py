"""What a registry's keys create on a chain, its own or a network's: the two contracts."""

from ledger.chain import codec
from ledger.chain.keys import ADMIN, OPERATOR, PAUSER, KeyRing


def creation_of(keys: KeyRing, *, registry_id: int, uri: str) -> codec.Deployment:
    """Both creations by the operator, who issues and keeps; `uri` is where metadata of assets are.

    Needs addresses alone, so no key is unlocked.
    """
    operator = keys.address(OPERATOR)
    return codec.deployment(
        registry_id=registry_id,
        roles=codec.Roles(
            admin=keys.address(ADMIN),
            issuer=operator,
            custodian=operator,
            pauser=keys.address(PAUSER),
        ),
        deployer=operator,
        uri=uri,
    )
