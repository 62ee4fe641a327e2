import "/tmp/patch.mjs";
import * as S from "/work/main/dist/src/index.js";
import { readContacts } from "/work/main/dist/src/intake/index.js";
import { parseAllDocuments } from "yaml";
import { readFileSync, rmSync } from "node:fs";
import { readOperatorKey } from "/work/main/dist/src/operator/index.js";
const out = `/tmp/w/world-4000000`;
const data = `/tmp/w/data-prof`; rmSync(data, { recursive: true, force: true });
process.env.SOLELY_OPERATORS = `/tmp/w/ops-prof`; rmSync(process.env.SOLELY_OPERATORS, { recursive: true, force: true });
await S.init({ data, operators: ["alice", "bob"], actor: "test" });
let solely = await S.Solely.open({ data });
const alice = await readOperatorKey(process.env.SOLELY_OPERATORS, "alice"), bob = await readOperatorKey(process.env.SOLELY_OPERATORS, "bob");
for (const doc of parseAllDocuments(readFileSync(`${out}/notices.yaml`, "utf8"))) for (const notice of [doc.toJS()].flat()) {
  const p = await solely.decisions.propose(solely.log, S.signProposal({ key: alice.privateKey, name: "alice", storeId: solely.config.root, atMs: Date.now(), action: { type: "notice.adopt", notice } }));
  await solely.decisions.approve(solely.log, S.signApproval({ key: bob.privateKey, name: "bob", storeId: solely.config.root, atMs: Date.now(), proposal: p.id, confirm: ["ads.match"] }));
}
let s = performance.now();
if (process.argv[2] === "read") {
  let rows = 0;
  for await (const b of readContacts(`${out}/contacts.csv`, { identityKey: solely.identityKey, batchKey: solely.batchKey, source: "local", vouches: true, context: "x", notices: solely.notices.table(), nowMs: Date.now(), thread: process.argv[3] })) rows += b.rows;
  console.log("read", rows, (performance.now() - s) / 1000);
} else {
  console.log(await S.ingest(solely, `${out}/contacts.csv`, { source: "local", actor: "t" }));
  console.log(JSON.stringify(globalThis.appends)); console.log("ingest", (performance.now() - s) / 1000); console.log((await import("node:child_process")).execSync("ps -eo pid,cputime,args | grep -i postgres | grep -v grep").toString()); console.log(process.cpuUsage());
}
s=performance.now(); await solely.close(); console.log("close", performance.now()-s);
