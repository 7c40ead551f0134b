"""Retirements booked, and lots and retirements settled on the embedded chain.

The unit is 500 lots, each retired in five parts. 4 and 16 times follow on the same chain,
whose storage therefore grows meanwhile.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate

from benchmarks.figures import SCALES, Row, measured, show
from benchmarks.registry import empty_registry

LOTS, PARTS, LOT_WH = 500, 5, 1_000_000
DEVICE = 906_000_000_000_000_028
START = datetime(2018, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def measure(first: int, count: int, scale: int) -> list[Row]:
    """Issue `count` lots from the given hour on, settle them, retire and settle again."""
    from django.utils import timezone

    from ledger.models import Account, Entry
    from ledger.services.accounts import create_certificate_assets, open_account, system_account
    from ledger.services.book import Draft, Move, post_entries
    from ledger.services.settlement import settle

    holder = open_account(name=f"benchmark {scale}").pk
    source = system_account(Account.System.ISSUED).pk
    retired = system_account(Account.System.RETIRED).pk
    assets = create_certificate_assets([code(first + n) for n in range(count)])
    issues = [
        Draft(f"i{first + n}", Entry.Kind.ISSUE, [Move(source, holder, asset, LOT_WH)], digest(n))
        for n, asset in enumerate(assets)
    ]
    retirements = [
        Draft(
            f"r{first}/{n}/{part}",
            Entry.Kind.RETIRE,
            [Move(holder, retired, asset, 1 + n + part)],
            digest(n * PARTS + part),
        )
        for n, asset in enumerate(assets)
        for part in range(PARTS)
    ]
    post_entries(drafts=issues, now=timezone.now())
    with measured() as issuing:
        settle(clock=timezone.now)
    with measured() as booking:
        post_entries(drafts=retirements, now=timezone.now())
    with measured() as settling:
        settle(clock=timezone.now)
    return [
        Row("lots settled", scale, count, issuing),
        Row("retirements booked", scale, len(retirements), booking),
        Row("retirements settled", scale, len(retirements), settling),
    ]


def code(hour: int) -> str:
    """Token id of an hour's lot, both attributes, as its asset is called."""
    from ledger.domain.token_id import PRODUCTION, TokenId

    minute = int((START + hour * HOUR).timestamp()) // 60
    token = TokenId(kind=PRODUCTION, device=DEVICE, minute=minute, length=60, sequence=0, mask=3)
    return token.code


def digest(number: int) -> bytes:
    return sha256(number.to_bytes(8, "big")).digest()


def main() -> None:
    """Print rates at each size."""
    with empty_registry():
        from django.utils import timezone

        from ledger.services.settlement import settle

        settle(clock=timezone.now)  # founds the chain, which is not what is measured
        first = accumulate((LOTS * scale for scale in SCALES), initial=0)
        sizes = zip(first, SCALES, strict=False)
        show(row for begin, scale in sizes for row in measure(begin, LOTS * scale, scale))


if __name__ == "__main__":
    main()
