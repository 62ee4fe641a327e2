import { writeWorld } from "/work/main/dist/src/world/index.js";
import * as S from "/work/main/dist/src/index.js";
import { readFileSync, rmSync, existsSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { readOperatorKey } from "/work/main/dist/src/operator/index.js";
const accounts = Number(process.argv[2] ?? 100000);
const out = `/tmp/w/world-${accounts}`;
const t = (name) => { const s = performance.now(); return () => console.log(name, ((performance.now()-s)/1000).toFixed(2)+"s"); };
if (!existsSync(out)) { const e = t("world"); console.log(await writeWorld({ accounts, seed: 1, out })); e(); }
const data = `/tmp/w/data-${accounts}`; rmSync(data, { recursive: true, force: true });
process.env.SOLELY_OPERATORS = `/tmp/w/ops-${accounts}`; rmSync(process.env.SOLELY_OPERATORS, { recursive: true, force: true });
let e = t("init");
console.log(await S.init({ data, operators: ["alice", "bob"], actor: "test" })); e();
e = t("open"); let solely = await S.Solely.open({ data }); e();
const alice = await readOperatorKey(process.env.SOLELY_OPERATORS, "alice"), bob = await readOperatorKey(process.env.SOLELY_OPERATORS, "bob");
e = t("notices");
for (const doc of parseAllDocuments(readFileSync(`${out}/notices.yaml`, "utf8"))) {
  for (const notice of [doc.toJS()].flat()) {
  const p = await solely.decisions.propose(solely.log, S.signProposal({ key: alice.privateKey, name: "alice", storeId: solely.config.root, atMs: Date.now(), action: { type: "notice.adopt", notice } }));
  try { await solely.decisions.approve(solely.log, S.signApproval({ key: bob.privateKey, name: "bob", storeId: solely.config.root, atMs: Date.now(), proposal: p.id, confirm: ["ads.match"] })); } catch (x) { console.log(x.message) }
  }
}
e();
e = t("ingest"); console.log(await S.ingest(solely, `${out}/contacts.csv`, { source: "local", actor: "t", rejectFile: "/tmp/w/rej.csv" })); e();
e = t("events"); console.log(await S.takeEvents(solely, `${out}/events.ndjson`, { actor: "t" })); e();
const lists = JSON.parse(readFileSync(`${out}/lists.json`, "utf8")).lists;
for (const l of lists) {
  const e = t("match " + l.name);
  const r = await S.matchList(solely, `${out}/lists/${l.file}`, { advertiser: "acme", name: l.name, scheme: l.scheme, region: l.region, actor: "t" }); e();
  await S.exportToFile(solely, { audience: r.audience, out: `/tmp/w/${l.name}.csv`, actor: "t", expiryHours: 24 });
  const same = readFileSync(`/tmp/w/${l.name}.csv`, "utf8") === readFileSync(`${out}/truth/${l.name}.csv`, "utf8");
  console.log(l.name, r.rows, r.usable, r.refused, same ? "EQUAL" : "DIFFERENT");
}
console.log(process.memoryUsage());
e = t("doctor"); console.log(await S.doctor(solely)); e();
e = t("close"); await solely.close(); e();
e = t("reopen"); solely = await S.Solely.open({ data }); e(); 
console.log((await S.doctor(solely)).isHealthy);
await solely.close();
