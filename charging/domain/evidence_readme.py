"""The page of words in an evidence pack: what it is, and how to check it without us."""

from collections.abc import Mapping

WORDS = """\
Evidence of renewable energy for charging: {claimant_name}, {year} (UTC)

What is in here
  hours.csv         every interval in which cars charged: Wh charged, matched, missing
  certificates.csv  every certificate used, a line for each part of a charge's interval
  statements/       what was retired, by month and plant, each signed by the registry
  proofs/           proofs that these Wh were retired, once, in sealed blocks; one file a day
{grid}  manifest.json     the SHA-256 of every file, and the totals
  manifest.signature.json   the registry's signature over the SHA-256 of manifest.json

What it says
  charged    {charged_wh} Wh by final charges that {claimant_name} claims
  matched    {matched_wh} Wh of certificates made in the same interval and area
  renewable  {renewable_wh} Wh of them prove renewable generation
  certified  {certified_wh} Wh of them are in sealed blocks; the rest is on its way there
  missing    {missing_wh} Wh without a certificate of their interval

How to check it
  1. Hash every file and compare with manifest.json (sha256sum does it), then manifest.json
     itself with the text in manifest.signature.json.
  2. The signature is a personal message (EIP-191, secp256k1) over that text. Any Ethereum
     library recovers the signer. It must be the registry's key: {signer}
     here, but have the registry tell you its address by another way.
  3. Add up. hours.csv: charged_wh - matched_wh = missing_wh wherever no charge has more than
     it took. The amount_wh of certificates.csv with the same area and used_from add up to
     that hour's matched_wh; those with "renewable" to renewable_wh; those certified to
     certified_wh. The statements add up to certified_wh of the year.
  4. Each proof: open {verify_url} and choose the file (nothing is sent anywhere), or run
     manage.py verify_receipt FILE --trust trust.json. Take trust.json from
     {trust_url} or, better, from somebody who runs a witness.
     Line "position" of certificates.csv is the retirement of that number, from 0, in "proof":
     the same lot, amount and first Wh numbers.
  5. manage.py verify_evidence_pack FILE.zip --trust trust.json does all of this at once.

What it does not say
  Which car or person charged. The proofs show which Wh of which plant and interval
  {claimant_name} retired, not for which charge: a driver can show that with the receipt.
  That the meters told the truth: their files and the audits of them are with the registry.
  Anything of what was voided or corrected later: ask for the pack again.
"""

GRID_WORDS = """\
  grid.csv          what the grid emitted in those intervals: its average, and beside it what
                    one Wh more would have run (marginal); two questions, never added up
"""


def readme(
    facts: Mapping[str, str | int],
    *,
    signer: str,
    verify_url: str,
    trust_url: str,
    totals: Mapping[str, int],
    has_grid: bool = False,
) -> bytes:
    """The words, with the pack's own figures; `has_grid` when it tells the grid's emissions."""
    amounts = {name: f"{amount:,}" for name, amount in totals.items()}
    return WORDS.format(
        claimant_name=facts["claimant_name"],
        year=facts["year"],
        signer=signer,
        verify_url=verify_url,
        trust_url=trust_url,
        grid=GRID_WORDS if has_grid else "",
        **amounts,
    ).encode()
