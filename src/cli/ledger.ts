/** Commands about the ledger: some ask a store, the others need none and trust nobody. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { cosign, findingLine, logSource, verifyLog } from "../checkpoint/index.js";
import { problemOf } from "../command/index.js";
import {
  type Audit,
  type VerifiedEvidence,
  type VerifiedFacts,
  verifyEvidence,
  verifyFactProof,
  verifyReceipt,
} from "../evidence/index.js";
import { auditClosed } from "../instance/index.js";
import { collected, define, group, wholeNumber } from "./define.js";
import { CliError, EXIT } from "./error.js";
import type { Session } from "./session.js";
import { count, counted, type Terminal, table } from "./terminal.js";

const EXAMPLE_KEY = "solely-ledger/0123456789abcdef+0bfc7d72+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
/** Findings that are shown; with --json all are. */
const FINDINGS_SHOWN = 20;

export function addLedgerCommands(program: Command): void {
  const ledger = group(program, "ledger", "the log that a stranger can check");
  define(ledger, {
    usage: "head",
    about: "The newest signed checkpoint, and the key that signs it.",
    example: "solely ledger head",
    async work(session) {
      const head = await session.run("ledgerHead", {});
      session.terminal.result(head, () => [head.note.trimEnd(), "", `key: ${head.verifier}`]);
    },
  });

  define<{ position?: number; from?: number; size?: number }>(ledger, {
    usage: "proof",
    about: "Prove that a leaf is in the log, or that an older log is the beginning of a newer one.",
    example: "solely ledger proof --position 17",
    options: (command) =>
      command
        .option("--position <n>", "the leaf's", wholeNumber(0))
        .option("--from <n>", "number of leaves of an older log", wholeNumber(0))
        .option("--size <n>", "number of leaves of the newer log; default: the newest checkpoint's", wholeNumber(0)),
    async work(session, _, { position, from, size }) {
      if ((position === undefined) === (from === undefined)) {
        throw new CliError("usage", "a proof is of a leaf or of an older log", "give --position or --from");
      }
      const input = position === undefined ? { from: from!, size } : { position, size };
      const proof = await session.run("ledgerProof", input);
      session.terminal.result(proof, () => [
        `root of ${counted(proof.size, "leaf", "leaves")}: ${proof.root}`,
        ...proof.path,
      ]);
    },
  });

  define(ledger, {
    usage: "export <dir>",
    about: "Write the log as static files that existing tools read (C2SP tlog-tiles), entries included.",
    example: "solely ledger export ./log",
    async work(session, [dir]) {
      const made = await session.run("ledgerExport", { out: resolve(dir!) });
      session.terminal.result(made, () => [
        `${counted(made.size, "leaf", "leaves")} in ${made.out}`,
        `key: ${made.verifier}`,
        `check it anywhere: solely ledger verify ${made.out} --key KEY`,
      ]);
    },
  });

  define(ledger, {
    usage: "audit",
    about:
      "Hold every stored fact against its leaf, and the leaves against the newest checkpoint. Exits 1 when anything is wrong.",
    example: "solely ledger audit",
    async work(session) {
      tellAudit(session.terminal, await auditOf(session));
    },
  });

  define<{ position: number; account?: string; kind?: string; fact?: number; out?: string }>(ledger, {
    usage: "fact-proof",
    about:
      "Prove what a leaf says of an account, or one of its facts, to whoever has the log's key. What was erased can't be shown.",
    example: "solely ledger fact-proof --position 17 --account u1 --out proof.json",
    options: (command) =>
      command
        .requiredOption("--position <n>", "the leaf's; `solely explain` tells it", wholeNumber(0))
        .option("--account <account>", "whose facts")
        .option("--kind <kind>", "only of contacts of this kind")
        .option("--fact <n>", "instead of an account: the fact's number in its leaf", wholeNumber(0))
        .option("--out <file>", "write the proof here"),
    async work(session, _, { position, account, kind, fact, out }) {
      if ((account === undefined) === (fact === undefined))
        throw new CliError("usage", "a proof is of an account's facts or of one fact", "give --account or --fact");
      const of = account === undefined ? { position, fact: fact! } : { position, account, kind };
      const { proof } = await session.run("ledgerFactProof", of);
      if (out === undefined) process.stdout.write(proof);
      else {
        writeFileSync(resolve(out), proof, { mode: 0o600 });
        session.terminal.result({ out: resolve(out) }, () => [
          `check it anywhere: solely ledger verify ${out} --key KEY`,
        ]);
      }
    },
  });

  define<{ key?: string; witness: string[]; auditKey?: string }>(ledger, {
    usage: "verify <log>",
    about:
      "Check a log from its files or its address: every leaf, tile, proof and signature; or the .json file of a fact's proof, the .txt file of a person's receipt, or the folder of an incident's evidence. Needs no store. Exits 1 when anything is wrong.",
    example: `solely ledger verify ./log --key ${EXAMPLE_KEY}`,
    options: (command) =>
      command
        .option("--key <key>", "the log's key as it was published; default: the one beside the log")
        .option("--witness <key>", "a witness that must have cosigned; may be repeated", collected, [])
        .option("--audit-key <file>", "file with an API key of the scope audit, to read entries from a server"),
    async work({ terminal }, [log], { key, witness, auditKey }) {
      if (existsSync(join(log!, "manifest.json"))) {
        if (witness.length > 0)
          throw new CliError("usage", "witnesses are asked for a log, not for evidence", "leave --witness out");
        tellEvidence(terminal, verifyEvidence(resolve(log!), key));
        return;
      }
      if (/\.json$/.test(log!) && existsSync(log!)) {
        tellProof(terminal, verifyFactProof(readFileSync(log!, "utf8"), { key, witnesses: witness }));
        return;
      }
      if (/\.txt$/.test(log!) && existsSync(log!)) {
        tellProof(terminal, verifyReceipt(readFileSync(log!, "utf8"), { key, witnesses: witness }));
        return;
      }
      const source = logSource(log!, auditKey === undefined ? undefined : readFileSync(auditKey, "utf8").trim());
      const onProgress = (done: number, total: number) => terminal.progress("leaves", done, done / total);
      const verified = await verifyLog(source, { key, witnesses: witness, onProgress });
      terminal.endProgress();
      const { isWhole, size, root, leaves, witnesses, findings, wrong, isKeyOfLog } = verified;
      terminal.result(verified, () => [
        ...findings.slice(0, FINDINGS_SHOWN).map(findingLine),
        ...(wrong > FINDINGS_SHOWN
          ? [`and ${count(wrong - FINDINGS_SHOWN)} more; --json lists the first ${count(1000)}`]
          : []),
        isWhole ? `whole: ${counted(size, "leaf", "leaves")}, root ${root}` : "NOT whole",
        ...(leaves < size
          ? [`${counted(size - leaves, "leaf was", "leaves were")} not to be had; the tree was checked from the hashes`]
          : []),
        ...witnesses.map(({ name, at }) => `cosigned by ${name} at ${at}`),
      ]);
      if (isKeyOfLog)
        terminal.warn("the key came with the log: compare it with the one that was published, or give --key");
      if (!isWhole) process.exitCode = EXIT.refused;
    },
  });

  define<{ key: string; state: string; seed: string; name: string; out?: string; serve: boolean }>(ledger, {
    usage: "cosign <log>",
    about:
      "As an independent witness, sign the newest checkpoint if the log has only grown; refuse a fork or a rollback.",
    example: `solely ledger cosign ./log --key ${EXAMPLE_KEY} --name witness.example.org`,
    options: (command) =>
      command
        .requiredOption("--key <key>", "the log's key as it was published")
        .requiredOption("--name <name>", "the witness's own name")
        .option("--state <file>", "what the witness remembers: the last checkpoint", "solely-witness.json")
        .option("--seed <file>", "the witness's own key; made if there is none", "solely-witness.key")
        .option("--out <file>", "write the cosigned checkpoint here")
        .option(
          "--serve",
          "hand the signature to the store of this data folder, to be served with the checkpoint",
          false,
        ),
    async work(session, [log], { key, state, seed, name, out, serve }) {
      const cosigned = await cosign(logSource(log!), {
        ...{ key, name, state: resolve(state), seed: seedOf(resolve(seed)), nowMs: Date.now() },
      });
      if (out !== undefined) writeFileSync(resolve(out), cosigned.note);
      if (serve) await session.run("ledgerWitness", { note: cosigned.note, witness: cosigned.witness });
      session.terminal.result(cosigned, () =>
        table(
          ["log", "leaves", "before", "witness's key"],
          [
            [
              cosigned.origin,
              count(cosigned.size),
              cosigned.before === null ? "none" : count(cosigned.before),
              cosigned.witness,
            ],
          ],
          "",
        ),
      );
    },
  });
}

function tellEvidence(terminal: Terminal, verified: VerifiedEvidence): void {
  const { isWhole, incident, people, contactPoints, audiences, leaves, size, isKeyOfBundle, findings } = verified;
  terminal.result(verified, () => [
    ...findings.slice(0, FINDINGS_SHOWN).map(({ where, what }) => `${where}: ${what}`),
    ...(findings.length > FINDINGS_SHOWN
      ? [`and ${count(findings.length - FINDINGS_SHOWN)} more; --json lists them`]
      : []),
    isWhole ? `whole: evidence of the incident ${incident}` : "NOT whole",
    `${counted(people, "person", "people")}, ${counted(contactPoints, "contact point")} in ${counted(audiences, "audience")}`,
    `${counted(leaves, "leaf", "leaves")} of ${count(size)} in the log`,
  ]);
  if (isKeyOfBundle)
    terminal.warn("the key came with the bundle: compare it with the one that was published, or give --key");
  if (!isWhole) process.exitCode = EXIT.refused;
}

/** Codes of a store that does not open because it was altered. */
const DAMAGE = ["altered", "unfoldable-fact", "malformed-leaf", "unknown-leaf-version", "unknown-leaf-kind"];

/** A store that does not open is audited without: what is wrong with it is just what one wants to know. */
async function auditOf(session: Session): Promise<Audit> {
  try {
    return await session.run("ledgerAudit", {});
  } catch (error) {
    const { code, message } = problemOf(error);
    if (!DAMAGE.includes(code)) throw error;
    const { data, databaseUrl, terminal } = session;
    terminal.warn(`the store does not open: ${message}`);
    const onProgress = (done: number, total: number) => terminal.progress("leaves", done, done / total);
    return await auditClosed({ data, databaseUrl, onProgress }).finally(() => terminal.endProgress());
  }
}

function tellAudit(terminal: Terminal, audit: Audit): void {
  const { isWhole, leaves, facts, erased, signed, findings, log, untold, unproven } = audit;
  terminal.result(audit, () => [
    ...findings.slice(0, FINDINGS_SHOWN).map(({ position, part, kind, tables, fault, fact, what }) => {
      const where = `leaf ${position}${part === 0 ? "" : `.${part}`}${fact === undefined ? "" : `, fact ${fact}`}`;
      return `${where} (${kind ?? "unknown"}): ${tables.join(" or ")} ${fault}: ${what}`;
    }),
    ...log.slice(0, FINDINGS_SHOWN).map(findingLine),
    ...(findings.length + log.length + untold > FINDINGS_SHOWN ? ["--json lists more"] : []),
    isWhole ? `whole: ${counted(leaves, "leaf", "leaves")}, ${count(signed)} of them signed` : "NOT whole",
    `${counted(facts, "fact")} held against them, ${count(erased)} of them erased: by the hashes that were kept`,
  ]);
  if (unproven.length > 0)
    terminal.warn(
      `${counted(unproven.length, "leaf", "leaves")} can't be checked: something of them was erased by a version that kept no hashes`,
    );
  if (!isWhole) process.exitCode = EXIT.refused;
}

function tellProof(terminal: Terminal, proof: VerifiedFacts): void {
  const { isWhole, origin, position, kind, learnedAt, size, facts, witnesses, findings, isKeyOfProof } = proof;
  terminal.result(proof, () => [
    ...findings.map(({ where, what }) => `${where}: ${what}`),
    ...(isWhole
      ? [
          `proved: ${origin}, leaf ${position} of ${count(size)} (${kind}), learned ${learnedAt}`,
          ...facts.map(({ fact, bytes }) => `fact ${fact}: ${bytes}`),
        ]
      : ["NOT proved"]),
    ...witnesses.map(({ name, at }) => `cosigned by ${name} at ${at}`),
  ]);
  if (isKeyOfProof)
    terminal.warn("the key came with the proof: compare it with the one that was published, or give --key");
  if (!isWhole) process.exitCode = EXIT.refused;
}

/** A key of 32 bytes in hex; a new one if the file is not there. */
function seedOf(file: string): Uint8Array {
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  const text = readFileSync(file, "utf8").trim();
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, "hex");
  throw new CliError("usage", `${file} is no key of 32 bytes in hex`, "restore it, or name another file");
}
