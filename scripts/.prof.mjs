import { matchList, Solely } from "../dist/src/index.js";
const [,, data, list, n] = process.argv;
const solely = await Solely.open({ data });
for (let i = 0; i < Number(n); i++) {
  const t = performance.now();
  const r = await matchList(solely, list, { advertiser: "b", name: "x", operation: "replace", actor: "b" });
  console.log((performance.now() - t).toFixed(0), "ms", r.rows);
}
process.exit(0);
