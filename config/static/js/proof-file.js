// Reads proof and trust files: strict, bounded, exact about what is wrong where.
// The specification is docs/receipt-proof.md; the limits are the same in every checker.
"use strict";

var proofFile = (() => {
  const FORMAT = "renewable-energy-registry/receipt-proof/2";
  const TRUST_FORMAT = "renewable-energy-registry/trust/1";
  const NETWORK_FORMAT = "renewable-energy-registry/trust-in-blocks/1";
  const MAX_CHARACTERS = 4 * 1024 * 1024;
  const MAX_PARTS = 2000, MAX_POSITION = (1n << 32n) - 1n, MAX_QUANTITY = (1n << 64n) - 1n;
  const MAX_SIBLINGS = 40, MAX_NODES = 70, MAX_FIELDS = 64, MAX_TEXT = 1000, MAX_SEALERS = 1000, MAX_CHECKPOINTS = 20000;

  // Controls, line separators, half characters, and marks that reverse what is read.
  const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

  class Unreadable extends Error {}

  const refuse = (place, wanted) => {
    throw new Unreadable(`${place || "The file"}: expected ${wanted}.`);
  };

  const load = (text) => {
    if (text.length > MAX_CHARACTERS) throw new Unreadable("The file is larger than 4 MiB.");
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Unreadable(error instanceof SyntaxError ? "The file is not JSON." : "The file is nested too deeply.");
    }
  };

  const DIGIT = new Uint8Array(128); // of a hexadecimal digit by its character's code
  [..."0123456789abcdef"].forEach((digit, value) => { DIGIT[digit.charCodeAt(0)] = value; });
  const bytesOf = (text) => {
    const found = new Uint8Array(text.length / 2 - 1);
    for (let n = 0, at = 2; n < found.length; n += 1, at += 2) {
      found[n] = (DIGIT[text.charCodeAt(at)] << 4) | DIGIT[text.charCodeAt(at + 1)];
    }
    return found;
  };

  // Each reader takes (value, place) and returns what it read.
  const object = (readers) => (value, place) => {
    const names = Object.keys(readers);
    const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
    if (!isObject || Object.keys(value).length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
      refuse(place, `an object with ${names.join(", ")}`);
    }
    const prefix = place ? `${place}.` : "";
    return Object.fromEntries(names.map((name) => [name, readers[name](value[name], prefix + name)]));
  };
  const list = (reader, most, least = 0) => (value, place) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) refuse(place, `a list of ${least} to ${most}`);
    return value.map((one, n) => reader(one, `${place}[${n}]`));
  };
  const word = (wanted) => (value, place) => (value === wanted ? value : refuse(place, wanted));
  const text = (value, place) => {
    const printable = typeof value === "string" && !UNPRINTABLE.test(value);
    return printable && [...value].length <= MAX_TEXT ? value : refuse(place, `a printable text of at most ${MAX_TEXT} characters`);
  };
  const number = (most = MAX_QUANTITY, least = 0n) => (value, place) => {
    if (typeof value !== "string" || !/^(0|[1-9][0-9]{0,19})$/.test(value)) refuse(place, "a whole number in a text, without leading zeros");
    const found = BigInt(value);
    return found >= least && found <= most ? found : refuse(place, `a number from ${least} to ${most}`);
  };
  const bytes = (length, most = length) => (value, place) => {
    const fits = typeof value === "string" && value.length <= 2 + 2 * most && value.length % 2 === 0 && /^0x[0-9a-f]*$/.test(value);
    if (!fits || (length !== null && value.length !== 2 + 2 * length)) {
      refuse(place, `0x and lower-case hexadecimal digits of ${length === null ? `at most ${most}` : length} bytes`);
    }
    return bytesOf(value);
  };
  const orNull = (reader) => (value, place) => (value === null ? null : reader(value, place));

  const quantity = number(), hash = bytes(32), node = bytes(null, 4096), place = number(BigInt(MAX_PARTS));
  const readProof = object({
    format: word(FORMAT), chain_id: quantity, genesis_hash: hash,
    block: object({ hash, header: node, seal: orNull(bytes(null, 8192)), contract: bytes(20), account: list(node, MAX_NODES, 1) }),
    charge: object({
      fields: list(object({ name: text, value: text, salt: hash }), MAX_FIELDS),
      hidden: list(hash, MAX_FIELDS),
    }),
    batches: list(object({
      sequence: quantity, root: hash, entry_count: number(MAX_POSITION, 1n), storage: list(node, MAX_NODES, 1),
    }), MAX_PARTS, 1),
    entries: list(object({
      batch: place, index: number(MAX_POSITION), account: bytes(20), id: bytes(20),
      from_renewable: quantity, from_emissions: quantity, amount: quantity, count: number(MAX_POSITION),
      tree_root: hash, siblings: list(hash, MAX_SIBLINGS),
    }), MAX_PARTS, 1),
    retirements: list(object({
      entry: place, index: number(MAX_POSITION), amount: quantity, commitment: hash,
      siblings: list(object({ sum: quantity, hash }), MAX_SIBLINGS),
      opening: orNull(object({ interval: text, salt: hash })),
    }), MAX_PARTS, 1),
  });
  const contract = object({ address: bytes(20), code_hash: hash });
  const chain = { chain_id: quantity, genesis_hash: hash, contracts: object({ batch_roots: contract, certificates: contract }) };
  const readSealers = object({
    format: word(TRUST_FORMAT), ...chain,
    sealers: list(object({ address: bytes(20), first_block: quantity, last_block: orNull(quantity) }), MAX_SEALERS, 1),
    threshold: number(BigInt(MAX_SEALERS), 1n),
  });
  // Of a network of others nobody seals for the registry: there it is blocks by their hash.
  const readBlocks = object({
    format: word(NETWORK_FORMAT), ...chain,
    checkpoints: list(object({ number: quantity, hash }), MAX_CHECKPOINTS, 1),
  });
  const readTrust = (value, place) => (
    value?.format === NETWORK_FORMAT
      ? { ...readBlocks(value, place), sealers: [], threshold: 1n }
      : { ...readSealers(value, place), checkpoints: [] }
  );

  const covers = (positions, count) => {
    const found = new Set(positions);
    return found.size === count && [...found].every((one) => one < BigInt(count));
  };
  const checkReferences = (proof) => {
    if (!covers(proof.entries.map((entry) => entry.batch), proof.batches.length)) refuse("", "entries that name every batch, and none that is missing");
    if (!covers(proof.retirements.map((one) => one.entry), proof.entries.length)) refuse("", "retirements that name every entry, and none that is missing");
    for (const [what, places] of [
      ["batch", proof.batches.map((batch) => batch.sequence)],
      ["entry", proof.entries.map((entry) => `${entry.batch}/${entry.index}`)],
      ["retirement", proof.retirements.map((one) => `${one.entry}/${one.index}`)],
    ]) {
      if (new Set(places).size !== places.length) refuse("", `every ${what} once`);
    }
    return proof;
  };

  return {
    Unreadable,
    bytesOf,
    parse: (source) => checkReferences(readProof(load(source), "")),
    parseTrust: (source) => readTrust(load(source), ""),
  };
})();
