// Hashes every length up to 600 bytes, and answers with the lengths at which the page's own Keccak-256
// and the library's differ.
const fs = require("node:fs");
const vm = require("node:vm");
const path = require("node:path");

const folder = path.join(__dirname, "..", "..", "config", "static");
for (const name of ["vendor/noble-crypto.js", "js/proof-keccak.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, name), "utf8"));
}
const seed = nobleCrypto.keccak_256(Uint8Array.of(7));
const differ = [];
for (let length = 0, last = seed; length <= 600; length += 1) {
  const data = Uint8Array.from({ length }, (_, n) => last[n % 32] ^ n);
  last = nobleCrypto.keccak_256(data);
  if (Buffer.compare(proofKeccak.keccak256(data), last) !== 0) differ.push(length);
}
console.log(JSON.stringify({ differ, empty: Buffer.from(proofKeccak.keccak256(new Uint8Array())).toString("hex") }));
