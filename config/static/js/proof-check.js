// Checks a receipt's proof step by step, from its fields to the seal or the hash of its block.
// Needs proof-file.js, proof-trees.js and what that needs, proof-example.js and vendor/noble-crypto.js.
"use strict";

var proofCheck = (() => {
  const { Failed, need, hex, same, compare, integer, join, left, word, utf8, keccak, tagged, decode, strings, small } = proofBytes;
  const { proveInTrie, climb, rootOf, merkleRoot } = proofTrees;
  const RENEWABLE = 1n, EMISSIONS = 2n, MAX_SUM = (1n << 64n) - 1n;
  const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
  const ATTRIBUTES = [[RENEWABLE, "renewable", "from_renewable"], [EMISSIONS, "emissions", "from_emissions"]];
  const MAX_MINUTE = 4223371680n, MAX_TIMESTAMP = 253402300799n;

  // The steps. Each gets what was found so far and says what it found.

  const entryOf = (found, one) => found.proof.entries[Number(one.entry)];
  const idOf = (entry) => integer(entry.id);

  const checkFields = ({ proof }) => {
    const { fields, hidden } = proof.charge, named = new Map(fields.map((field) => [field.name, field.value]));
    need(named.size === fields.length, "a field stands twice");
    const isShown = fields.length + hidden.length > 0;
    need(isShown === proof.retirements.some((one) => one.opening), "fields of a charge stand beside a retirement that opens to them");
    if (!named.has("energy_wh")) return;
    const energy = named.get("energy_wh"), used = new Map();
    need(/^[0-9]{1,20}$/.test(energy), "energy_wh is no number of Wh");
    for (const one of proof.retirements) {
      for (const [bit] of ATTRIBUTES) {
        if (idOf(proof.entries[Number(one.entry)]) & bit) used.set(bit, (used.get(bit) ?? 0n) + one.amount);
      }
    }
    need([...used.values()].every((amount) => amount <= BigInt(energy)), "more was retired than the charge took");
  };

  const checkCommitment = ({ proof }) => {
    const digests = proof.charge.fields.map((field) => {
      const name = utf8(field.name);
      need(name.length >= 1 && name.length <= 255, "a field's name has 1 to 255 bytes");
      return tagged(16, field.salt, Uint8Array.of(name.length), name, utf8(field.value));
    });
    const root = merkleRoot([...digests, ...proof.charge.hidden].sort(compare));
    proof.retirements.forEach(({ opening, commitment }, n) => {
      const leads = opening === null || same(tagged(17, opening.salt, root, utf8(opening.interval)), commitment);
      need(leads, `retirement ${n}: the charge does not lead to its commitment`);
    });
  };

  const checkLeaf = (found) => {
    found.leaves = found.proof.retirements.map((one, n) => {
      need(one.amount >= 1n, `retirement ${n}: a leaf of no Wh`);
      return tagged(0, left(entryOf(found, one).id), word(one.amount), one.commitment);
    });
  };

  const checkPath = (found) => {
    found.places = found.proof.retirements.map((one, n) => {
      const entry = entryOf(found, one);
      let total = one.amount, digest = found.leaves[n], before = 0n;
      climb(one.index, entry.count, one.siblings, (sibling, isRight) => {
        need(sibling.sum >= 1n && total + sibling.sum <= MAX_SUM, `retirement ${n}: a sum that cannot be`);
        const pair = [[word(total), digest], [word(sibling.sum), sibling.hash]];
        if (isRight) {
          pair.reverse();
          before += sibling.sum;
        }
        digest = tagged(1, ...pair[0], ...pair[1]);
        total += sibling.sum;
      });
      need(same(tagged(5, word(total), digest), entry.tree_root), `retirement ${n}: its path leads to another tree root`);
      return { before, total };
    });
  };

  const checkSum = (found) => {
    found.proof.retirements.forEach((one, n) => {
      need(found.places[n].total === entryOf(found, one).amount, `retirement ${n}: its tree does not hold what was used up`);
    });
  };

  const checkEntry = (found) => {
    found.entries = found.proof.entries.map((entry, n) => {
      const token = readToken(entry);
      need(token !== null, `entry ${n}: its asset is none`);
      for (const [bit, , from] of ATTRIBUTES) {
        need(entry[from] === 0n || token.mask & bit, `entry ${n}: it numbers an attribute that it does not carry`);
        need(entry[from] + entry.amount <= MAX_SUM, `entry ${n}: its Wh numbers reach 2^64`);
      }
      return tagged(2, left(entry.account), left(entry.id), word(entry.from_renewable), word(entry.from_emissions),
        word(entry.amount), word(entry.count), entry.tree_root);
    });
  };

  const readToken = (entry) => {
    const id = idOf(entry);
    const token = { kind: id >> 152n, device: (id >> 88n) & MAX_SUM, minute: (id >> 56n) & 0xffffffffn, length: (id >> 40n) & 0xffffn, mask: id & 255n };
    const isOne = token.kind >= 1n && token.kind <= 3n && token.mask >= 1n && token.mask <= 3n && token.length > 0n;
    return isOne && token.minute + token.length < MAX_MINUTE ? token : null;
  };

  const checkBatch = (found) => {
    found.proof.entries.forEach((entry, n) => {
      const batch = found.proof.batches[Number(entry.batch)];
      const top = rootOf(found.entries[n], entry.index, batch.entry_count, entry.siblings);
      need(same(tagged(4, word(batch.entry_count), top), batch.root), `entry ${n}: it is not in its batch`);
    });
  };

  const checkStorage = (found) => {
    for (const batch of found.proof.batches) {
      const slot = keccak(word(0n), word(batch.sequence));
      const { root, value } = proveInTrie(batch.storage, keccak(slot));
      const stored = decode(value);
      need(!Array.isArray(stored) && stored.length <= 32 && same(left(stored), batch.root), `batch ${batch.sequence}: the contract keeps another root`);
      need(!found.storageRoot || same(found.storageRoot, root), "the batches are shown in different states of the contract");
      found.storageRoot = root;
    }
  };

  const checkAccount = (found) => {
    const { block } = found.proof, { trust } = found;
    const { root, value } = proveInTrie(block.account, keccak(block.contract));
    const account = strings(value);
    need(account.length === 4 && account[2].length === 32 && account[3].length === 32, "an account has a nonce, a balance and two hashes");
    need(same(account[2], found.storageRoot), "the storage is not the contract's");
    if (trust) {
      need(same(block.contract, trust.contracts.batch_roots.address), "it is not the contract that the trust file names");
      need(same(account[3], trust.contracts.batch_roots.code_hash), "the contract runs another code than the trust file names");
    }
    found.stateRoot = root;
  };

  const checkState = (found) => {
    const fields = strings(found.proof.block.header);
    const isSealed = found.proof.block.seal !== null;
    need(isSealed || (fields.length >= 16 && fields.length <= 64), "a header has 16 to 64 fields");
    need(!isSealed || fields.length === 21, `a header has 21 fields, not ${fields.length}`);
    need(fields[3].length === 32 && fields[2].length === 20, "a header's state root has 32 bytes and its sealer 20");
    found.header = { coinbase: fields[2], number: small(fields[8]), timestamp: small(fields[11]) };
    need(found.header.timestamp <= MAX_TIMESTAMP, "a header's time lies after the year 9999");
    need(same(fields[3], found.stateRoot), "the block's header names another state");
  };

  const checkHeader = ({ proof }) => {
    need(same(keccak(proof.block.header), proof.block.hash), "the header does not have the block's hash");
  };

  const signerOf = (digest, signature) => {
    need(signature.length === 65 && signature[64] <= 1, "a signature has 65 bytes, the last of them 0 or 1");
    need(integer(signature.subarray(32, 64)) <= HALF_ORDER, "a signature has a high s");
    try {
      const recovered = join(signature.subarray(64), signature.subarray(0, 64));
      const key = nobleCrypto.secp256k1.Signature.fromBytes(recovered, "recovered").recoverPublicKey(digest);
      return keccak(key.toBytes(false).subarray(1)).subarray(12);
    } catch {
      throw new Failed("a signature belongs to no key");
    }
  };

  const checkChain = ({ proof, trust }) => {
    if (trust) need(proof.chain_id === trust.chain_id && same(proof.genesis_hash, trust.genesis_hash), "it is a block of another chain than the trust file names");
  };

  const checkSeal = (found) => {
    const { proof, trust, header } = found;
    checkChain(found);
    const domain = keccak(utf8("REC-block-seal-v1"), word(proof.chain_id), proof.genesis_hash, keccak(utf8("SEAL")));
    const digest = keccak(Uint8Array.of(0x19, 0x01), domain, word(header.number), proof.block.hash);
    const signatures = strings(proof.block.seal);
    need(signatures.length >= 1 && signatures.length <= 64, "a seal has 1 to 64 signatures");
    const signers = signatures.map((signature) => signerOf(digest, signature));
    need(signers.every((signer, n) => n === 0 || compare(signers[n - 1], signer) < 0), "the signers are not in order, or one signed twice");
    need(signers.some((signer) => same(signer, header.coinbase)), "the block is not sealed by the key that its header names");
    if (!trust) return;
    const known = signers.filter((signer) => trust.sealers.some((sealer) => same(sealer.address, signer)
      && sealer.first_block <= header.number && (sealer.last_block === null || header.number <= sealer.last_block)));
    need(known.length === signers.length && BigInt(known.length) >= trust.threshold, "the trust file does not let these keys seal this block");
  };

  const checkCheckpoint = (found) => {
    const { proof, trust, header } = found;
    checkChain(found);
    if (!trust) return;
    const isNamed = trust.checkpoints.some((one) => one.number === header.number && same(one.hash, proof.block.hash));
    need(isNamed, `the trust file does not name block ${header.number} with the hash ${hex(proof.block.hash)}: ask a node of the network that you trust for it`);
  };

  const STEPS = [
    ["fields", checkFields], ["commitment", checkCommitment], ["leaf", checkLeaf], ["path", checkPath],
    ["sum", checkSum], ["entry", checkEntry], ["batch", checkBatch], ["storage", checkStorage],
    ["account", checkAccount], ["state", checkState], ["header", checkHeader], ["seal", checkSeal],
  ];
  // A block of a network of others has no seal: it is known by its hash, or not at all.
  const UNSEALED_STEPS = [...STEPS.slice(0, -1), ["checkpoint", checkCheckpoint]];

  const instant = (seconds) => `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`;

  const statementOf = ({ proof, places, header }) => {
    const charge = Object.fromEntries(proof.charge.fields.map((field) => [field.name, field.value])), stretches = [];
    proof.retirements.forEach((one, n) => {
      const entry = proof.entries[Number(one.entry)], token = readToken(entry);
      const interval = one.opening?.interval ?? "";
      const madeFrom = instant(token.minute * 60n), madeTo = instant((token.minute + token.length) * 60n);
      for (const [bit, attribute, from] of ATTRIBUTES) {
        if (!(token.mask & bit)) continue;
        const first = entry[from] + places[n].before;
        stretches.push({
          device: String(token.device).padStart(18, "0"), attribute, first, last: first + one.amount - 1n, amount: one.amount,
          madeFrom, madeTo, usedIn: interval, sameInterval: interval === `${madeFrom}/PT${token.length}M`,
        });
      }
    });
    return { block: header.number, sealedAt: instant(header.timestamp), charge, stretches };
  };

  // The verdict on a proof file, under a trust file or none. Throws proofFile.Unreadable.
  const verify = (source, trustSource = null) => {
    testItself();
    return checked(source, trustSource);
  };
  const checked = (source, trustSource) => {
    const found = { proof: proofFile.parse(source), trust: trustSource === null ? null : proofFile.parseTrust(trustSource) };
    const steps = [];
    for (const [name, check] of found.proof.block.seal === null ? UNSEALED_STEPS : STEPS) {
      try {
        check(found);
        steps.push({ name, passed: true, said: "" });
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        steps.push({ name, passed: false, said: error.message });
        return { steps, valid: false, failedStep: name, authenticated: false, statement: null };
      }
    }
    return { steps, valid: true, failedStep: null, authenticated: found.trust !== null, statement: statementOf(found) };
  };

  // Known answers of the two functions that everything rests on and of a whole check, before another.
  // A page asks for them while nobody waits: the browser has then compiled what a check needs.
  const KNOWN = {
    digest: "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45", // of "abc"
    chained: "0xc4ad7aea82e7513b87927c7f3eb7f69bb8007229b0778574f6da0c5c9cc8b213", // hashed 200 times more
    signature: "0x8b48d03042d3f126b68600d2feb8f67ad8216b293c111dca42a75c5aef5735db"
      + "4b9c56adcfd2572234bdfafad9f0dd553f8703453bf2d03a1820cbcd119d176400",
    signer: "0x1a642f0e3c3af545e7acbd38b07251b3990914f1", // of the key 0x0101...01
  };
  let isTested = false;
  const testItself = () => {
    if (isTested) return;
    const digest = keccak(utf8("abc"));
    let chained = digest;
    for (let n = 0; n < 200; n += 1) chained = keccak(chained);
    need(hex(digest) === KNOWN.digest && hex(chained) === KNOWN.chained, "this browser computes Keccak-256 wrongly");
    need(hex(signerOf(digest, proofFile.bytesOf(KNOWN.signature))) === KNOWN.signer, "this browser recovers signers wrongly");
    const { proof, trust } = proofExample;
    need(checked(proof, trust).authenticated, "this browser refuses the example that holds");
    isTested = true;
  };

  return { verify, testItself, STEPS: STEPS.map(([name]) => name) };
})();
