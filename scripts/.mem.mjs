import * as S from "/work/main/dist/src/index.js";
import { rmSync } from "node:fs";
process.env.SOLELY_OPERATORS = `/tmp/w/ops-mem`; rmSync(process.env.SOLELY_OPERATORS, { recursive: true, force: true });
let data = process.argv[2];
if (data === "empty") { data = "/tmp/w/data-empty"; rmSync(data, { recursive: true, force: true }); await S.init({ data, operators: ["alice", "bob"], actor: "test" }); }
let s = performance.now();
let solely = await S.Solely.open({ data });
console.log("open", performance.now() - s, solely.contacts.points.numbered);
for (let i = 0; i < 5; i++) { globalThis.gc(); await new Promise(r => setTimeout(r, 300)); }
console.log(process.memoryUsage().rss / 2**20, "MiB", process.memoryUsage());
await solely.close();
