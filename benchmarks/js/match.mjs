// One interval matched by Energy Web's proportional matcher: {asked, held} in Wh from the
// standard input, {seconds, pairs, wh} to the standard output. The package has its sources
// alone, so that they are bundled first; that is not timed.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const entry = new URL("node_modules/@energyweb/greenproof-algorithms/src/ProportionalMatcher.ts", import.meta.url);
const { outputFiles } = await build({
  entryPoints: [entry.pathname], bundle: true, platform: "node", format: "cjs", write: false, logLevel: "error",
});
const bundle = { exports: {} };
new Function("module", "exports", "require", outputFiles[0].text)(bundle, bundle.exports, require);

const { asked, held } = JSON.parse(readFileSync(0, "utf8"));
const place = { siteId: "site", regionId: "region", countryId: "country" };
const consumptions = asked.map((volume, n) => ({
  id: `charge-${n}`, volume, ...place, energyPriorities: [{ energyType: "wind", priority: 1 }],
  shouldMatchByRegion: true, shouldMatchByCountry: true, shouldMatchByOtherCountries: true,
}));
const generations = held.map((volume, n) => ({ id: `lot-${n}`, volume, ...place, energyType: "wind" }));

const began = performance.now();
const { matches } = bundle.exports.ProportionalMatcher.match({ consumptions, generations });
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ seconds, pairs: matches.length, wh: matches.reduce((sum, match) => sum + match.volume, 0) }));
