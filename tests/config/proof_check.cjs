// Reads JSON lines of [proof, trust or null], answers each with the failing step,
// "unreadable", or the numbers that the statement prints.
const fs = require("node:fs");
const vm = require("node:vm");
const path = require("node:path");

const folder = path.join(__dirname, "..", "..", "config", "static");
const parts = ["keccak", "file", "bytes", "trees", "example", "check"].map((name) => `js/proof-${name}.js`);
for (const name of ["vendor/noble-crypto.js", ...parts]) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, name), "utf8"));
}
for (const line of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const [proof, trust] = JSON.parse(line);
  let answer;
  try {
    const verdict = proofCheck.verify(proof, trust);
    answer = verdict.failedStep ?? verdict.statement.stretches.map((one) => [one.device, one.attribute, String(one.first), String(one.last), one.madeFrom, one.madeTo, one.sameInterval]);
  } catch (error) {
    answer = error instanceof proofFile.Unreadable ? "unreadable" : `crashed: ${error.stack}`;
  }
  console.log(JSON.stringify(answer));
}
