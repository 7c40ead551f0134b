// What a check of a proof counts in: bytes, hashes and RLP, and the failure that says why.
// Needs proof-keccak.js.
"use strict";

var proofBytes = (() => {
  class Failed extends Error {}
  const need = (condition, said) => {
    if (!condition) throw new Failed(said);
  };

  const hex = (data) => `0x${[...data].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  // Plain loops: a check is over before the browser has compiled what it runs.
  const differsAt = (one, other) => {
    let at = 0;
    while (at < one.length && one[at] === other[at]) at += 1;
    return at;
  };
  const same = (one, other) => one.length === other.length && differsAt(one, other) === one.length;
  const compare = (one, other) => {
    const at = differsAt(one, other);
    return at === one.length ? 0 : one[at] - other[at];
  };
  const integer = (data) => {
    let found = 0n, part = 0;
    for (let rest = data.length; rest; rest -= 1) {
      part = part * 256 + data[data.length - rest];
      if (rest % 6 === 1) { // six bytes are exact in a number, and the last one is here
        found = (found << 48n) | BigInt(part);
        part = 0;
      }
    }
    return found;
  };
  const join = (...parts) => {
    let at = 0;
    for (const part of parts) at += part.length;
    const joined = new Uint8Array(at);
    at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  };
  const left = (data) => join(new Uint8Array(32 - data.length), data);
  const word = (value) => {
    const found = new Uint8Array(32), view = new DataView(found.buffer);
    for (let at = 24, rest = value; rest; at -= 8, rest >>= 64n) view.setBigUint64(at, rest);
    return found;
  };
  const encoder = new TextEncoder();
  const utf8 = (text) => encoder.encode(text);
  const keccak = (...parts) => proofKeccak.keccak256(join(...parts));
  const tagged = (tag, ...parts) => keccak(Uint8Array.of(tag), ...parts);

  // RLP: one form for each value

  const decode = (data) => {
    const [item, end] = decodeAt(data, 0, data.length, 0);
    need(end === data.length, "RLP: bytes follow the item");
    return item;
  };
  const decodeAt = (data, at, end, depth) => {
    need(at < end, "RLP: an item is missing");
    const first = data[at];
    if (first < 0x80) return [data.subarray(at, at + 1), at + 1];
    const isList = first >= 0xc0;
    let length = first - (isList ? 0xc0 : 0x80), start = at + 1;
    if (length > 55) {
      const size = length - 55;
      need(start + size <= end && size <= 4 && data[start] !== 0, "RLP: a length is cut off or written longer than needed");
      length = Number(integer(data.subarray(start, start + size)));
      start += size;
      need(length > 55, "RLP: a length is cut off or written longer than needed");
    }
    const stop = start + length;
    need(stop <= end, "RLP: an item is cut off");
    if (!isList) {
      need(length !== 1 || data[start] >= 0x80, "RLP: a single byte is written longer than needed");
      return [data.subarray(start, stop), stop];
    }
    need(depth < 16, "RLP: lists lie deeper than 16");
    const items = [];
    while (start < stop) {
      const [item, next] = decodeAt(data, start, stop, depth + 1);
      items.push(item);
      start = next;
    }
    return [items, stop];
  };
  const strings = (data) => {
    const items = decode(data);
    need(Array.isArray(items) && items.every((item) => !Array.isArray(item)), "RLP: a list of strings is wanted");
    return items;
  };
  const small = (data) => {
    need(data.length <= 8 && data[0] !== 0, "RLP: an integer has at most 8 bytes, the first not zero");
    return integer(data);
  };

  return { Failed, need, hex, same, compare, integer, join, left, word, utf8, keccak, tagged, decode, strings, small };
})();
