"""Checks an evidence pack from its bytes alone: hashes, signatures, sums and every proof."""

import csv
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from charging.domain.evidence_pack import (
    ATTRIBUTES,
    CERTIFICATES,
    EMISSIONS,
    FORMAT,
    HOURS,
    MANIFEST,
    RENEWABLE,
    SIGNATURE,
)
from charging.errors import PackUnreadable
from ledger.domain.proof import files as proof_format
from ledger.domain.proof.document import Proof
from ledger.domain.proof.statement import Statement
from ledger.domain.proof.trust import Trust
from ledger.domain.proof.verification import verify
from ledger.errors import ProofUnreadable

MOST_MEMBERS = 50_000
MOST_BYTES = 1 << 30  # of one list, unpacked; it is read line by line
MOST_AT_ONCE = 1 << 26  # of a file that is read whole
MASK_BITS = 0xFF
SHOWN = 20

Line = Mapping[str, str]


@dataclass(slots=True)
class PackVerdict:
    """What was found; valid without any finding. `authenticated`: under a trust file."""

    claimant: str = ""
    year: int = 0
    signer: str = ""
    totals: dict[str, int] = field(default_factory=dict)
    files: int = 0
    proofs: int = 0
    proven_wh: int = 0
    authenticated: bool = False
    findings: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether everything agrees."""
        return not self.findings


def check_pack(stream: BinaryIO, trust: Trust | None = None) -> PackVerdict:
    """Check everything a pack says. Raises: PackUnreadable when it is no pack at all."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return _Check(archive, trust).run()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise PackUnreadable(
            f"This is no whole ZIP archive ({error}). Download it again."
        ) from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise PackUnreadable(f"This is no evidence pack: {error!s:.200}.") from error


class _Check:
    """One pack being checked; findings gather in the verdict."""

    def __init__(self, archive: zipfile.ZipFile, trust: Trust | None) -> None:
        self._archive, self._trust = archive, trust
        self._verdict = PackVerdict(authenticated=trust is not None)
        names = archive.namelist()
        if len(names) > MOST_MEMBERS or any(one.file_size > MOST_BYTES for one in archive.filelist):
            raise PackUnreadable("The archive unpacks to more than an evidence pack holds.")
        ends = [name for name in names if name.endswith(f"/{MANIFEST}")]
        if len(ends) != 1:
            raise PackUnreadable(f"There is not one {MANIFEST} in it, so it is no evidence pack.")
        self._folder = ends[0].removesuffix(MANIFEST)
        self._names = set(names)

    def run(self) -> PackVerdict:
        """Every check, in an order in which each may lean on those before."""
        manifest = json.loads(self._read(MANIFEST))
        if manifest["format"] != FORMAT:
            raise PackUnreadable(f"Only packs of the format {FORMAT} are known here.")
        verdict = self._verdict
        verdict.claimant, verdict.year = str(manifest["claimant"]), int(manifest["year"])
        verdict.totals = {name: int(value) for name, value in manifest["totals"].items()}
        self._check_files(manifest)
        self._check_signatures(manifest)
        self._check_sums()
        self._check_proofs()
        return verdict

    def _find(self, finding: str) -> None:
        if len(self._verdict.findings) < SHOWN:
            self._verdict.findings.append(finding)

    def _read(self, name: str) -> bytes:
        member = self._archive.getinfo(self._folder + name)
        if member.file_size > MOST_AT_ONCE:
            raise PackUnreadable(f"{name} unpacks to more than such a file holds.")
        return self._archive.read(member)

    def _lines(self, name: str) -> Iterator[Line]:
        with self._archive.open(self._folder + name) as stream:
            yield from csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline=""))

    def _check_files(self, manifest: Mapping[str, Any]) -> None:
        listed = {self._folder + one["name"]: one for one in manifest["files"]}
        own = {self._folder + MANIFEST, self._folder + SIGNATURE}
        for name in sorted(self._names ^ (set(listed) | own)):
            where = "in the archive" if name in self._names else "in the manifest"
            self._find(f"{name}: only {where}")
        for name in sorted(self._names & set(listed)):
            digest = hashlib.sha256()
            with self._archive.open(name) as stream:
                while chunk := stream.read(1 << 16):
                    digest.update(chunk)
            if digest.hexdigest() != listed[name]["sha256"]:
                self._find(f"{name}: its SHA-256 is not that of the manifest")
        self._verdict.files = len(listed)

    def _check_signatures(self, manifest: Mapping[str, Any]) -> None:
        signed = self._signed(SIGNATURE)
        self._verdict.signer = signed.signer
        if signed.text.get("manifest_sha256") != hashlib.sha256(self._read(MANIFEST)).hexdigest():
            self._find(f"{SIGNATURE}: it is the signature of another manifest")
        for name in ("claimant", "year", "registry"):
            if signed.text.get(name) != manifest[name]:
                self._find(f"{SIGNATURE}: it names another {name}")

    def _signed(self, name: str) -> "_Signed":
        from eth_account import Account
        from eth_account.messages import encode_defunct

        said = json.loads(self._read(name))
        try:
            signer = Account.recover_message(
                encode_defunct(text=said["statement"]), signature=said["signature"]
            )
        except Exception as error:  # the library raises what its parts raise
            self._find(f"{name}: its signature cannot be read ({error!s:.80})")
            signer = ""
        if signer != said["signer"] or signer != (self._verdict.signer or signer):
            self._find(f"{name}: it is not signed by {self._verdict.signer or said['signer']}")
        return _Signed(json.loads(said["statement"]), signer)

    def _check_sums(self) -> None:
        totals: dict[str, int] = defaultdict(int)
        hours: dict[tuple[str, str], list[int]] = {}
        for line in self._lines(HOURS):
            amounts = {name: int(line[name]) for name in line if name.endswith("_wh")}
            for name, amount in amounts.items():
                totals[name] += amount
            parts = ("matched_wh", "renewable_wh", "certified_wh")
            hours[line["area"], line["starts_at"]] = [amounts[name] for name in parts]
            if amounts["missing_wh"] < amounts["charged_wh"] - amounts["matched_wh"]:
                self._find(f"{HOURS} {line['starts_at']}: more is missing than it says")
        for line in self._lines(CERTIFICATES):
            totals["certificates"] += 1
            amount = int(line["amount_wh"])
            left = hours.setdefault((line["area"], line["used_from"]), [0, 0, 0])
            left[0] -= amount
            left[1] -= amount if "renewable" in line["attributes"] else 0
            left[2] -= amount if line["state"] == "certified" else 0
        for (area, start), rest in hours.items():
            if any(rest):
                self._find(f"{area} {start}: hours and certificates differ by {rest} Wh")
        stated = sum(
            int(self._signed(name.removeprefix(self._folder)).text["amount_wh"])
            for name in sorted(self._names)
            if name.startswith(f"{self._folder}statements/")
        )
        if stated != totals["certified_wh"]:
            self._find(f"the statements add up to {stated} Wh, not {totals['certified_wh']}")
        if dict(totals) != {
            name: wh for name, wh in self._verdict.totals.items() if wh or name in totals
        }:
            self._find(f"{MANIFEST}: its totals are not those of the lists, {dict(totals)}")

    def _check_proofs(self) -> None:
        wanted: dict[str, dict[int, Line]] = defaultdict(dict)
        for line in self._lines(CERTIFICATES):
            if line["state"] == "certified":
                wanted[line["proof"]][int(line["position"])] = line
        seen: set[tuple[int, int, int]] = set()
        accounts: set[bytes] = set()
        for name in sorted(wanted):
            if self._folder + name not in self._names:
                self._find(f"{name}: this proof is missing")
                continue
            self._check_proof(name, wanted[name], seen, accounts)
        if len(accounts) > 1:
            self._find("the proofs name more than one account")

    def _check_proof(
        self,
        name: str,
        lines: Mapping[int, Line],
        seen: set[tuple[int, int, int]],
        accounts: set[bytes],
    ) -> None:
        try:
            proof = proof_format.parse(self._read(name))
        except ProofUnreadable as error:
            self._find(f"{name}: {error}")
            return
        verdict = verify(proof, self._trust)
        if not verdict.valid or verdict.statement is None:
            self._find(f"{name}: step {verdict.failed_step!r} fails, {verdict.steps[-1].said}")
            return
        self._verdict.proofs += 1
        accounts |= {entry.account for entry in proof.entries}
        if len(lines) != len(proof.retirements):
            self._find(f"{name}: it shows {len(proof.retirements)} retirements, not {len(lines)}")
        for position, told in enumerate(_told(proof, verdict.statement)):
            line = lines.get(position)
            if line is None or told != _wanted(line):
                self._find(f"{name}: retirement {position} is not the line of {CERTIFICATES}")
            one = proof.retirements[position]
            entry = proof.entries[one.entry]
            place = (proof.batches[entry.batch].sequence, entry.index, one.index)
            if place in seen:
                self._find(f"{name}: retirement {position} stands twice in the pack")
            seen.add(place)
            self._verdict.proven_wh += one.amount


@dataclass(frozen=True, slots=True)
class _Signed:
    text: Mapping[str, Any]
    signer: str


def _told(proof: Proof, statement: Statement) -> Iterator[tuple[str, str, int, str, str]]:
    """What a proof says of each retirement: lot, attributes, Wh, first numbers."""
    stretches = iter(statement.stretches)
    for one in proof.retirements:
        token = proof.entries[one.entry].token_id
        mask = token & MASK_BITS
        renewable = str(next(stretches).first) if mask & RENEWABLE else ""
        emissions = str(next(stretches).first) if mask & EMISSIONS else ""
        yield f"{token - mask:040x}", ATTRIBUTES[mask], one.amount, renewable, emissions


def _wanted(line: Line) -> tuple[str, str, int, str, str]:
    return (
        line["lot"],
        line["attributes"],
        int(line["amount_wh"]),
        line["first_renewable_wh"],
        line["first_emissions_wh"],
    )
