/** An empty store on the embedded PostgreSQL, durable, with notices in force by two operators' signatures. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { init, Solely } from "../src/index.js";
import { type Action, readOperatorKey, signApproval, signProposal } from "../src/operator/index.js";

const OPERATORS = ["alice", "bob"];
/** Terms on which the many audiences of one bench can all be released, and served. */
const SIZES = { floor: 1, budget: "agency" };

/** @param keepsValues whether its vault keeps values, or masks alone */
export async function storeWithNotices(
  data: string,
  notices: readonly unknown[],
  { keepsValues = true }: { readonly keepsValues?: boolean } = {},
): Promise<Solely> {
  process.env.SOLELY_OPERATORS = `${data}-operators`;
  await init({ data, operators: OPERATORS, actor: "bench" });
  const file = join(data, "solely.json");
  const terms = { sizes: SIZES, ...(keepsValues ? {} : { vault: false }) };
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...terms }));
  const solely = await Solely.open({ data });
  const [alice, bob] = await Promise.all(OPERATORS.map((name) => readOperatorKey(`${data}-operators`, name)));
  for (const notice of notices) {
    const action = { type: "notice.adopt", notice } as Action;
    const frame = { storeId: solely.config.root, atMs: Date.now() };
    const proposed = signProposal({ ...frame, key: alice!.privateKey, name: "alice", action });
    const { id } = await solely.decisions.propose(solely.log, proposed);
    const approved = signApproval({ ...frame, key: bob!.privateKey, name: "bob", proposal: id });
    await solely.decisions.approve(solely.log, approved);
  }
  return solely;
}
