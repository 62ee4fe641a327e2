/**
 * Receipt: the proof of what a person gave or took back, as a text to keep. It says in words what the facts of the proof
 * are, and ends with the proof itself.
 *
 * The words are made from the proof alone, so that a receipt has one form: any changed byte makes it none. It names an
 * account and a contact point by their numbers, and holds no contact.
 */
import { readFactRow } from "../grant/index.js";
import { decodeLeaf, parseVerifier } from "../ledger/index.js";
import { EvidenceError } from "./error.js";
import {
  type FactProof,
  parseFactProof,
  type VerifiedFacts,
  type VerifyFactOptions,
  verifyFactProof,
} from "./fact-proof.js";

/** @param proof as `proveFacts` made it, of a leaf of contacts or events */
export function formatReceipt(proof: string): string {
  return `${wordsOf(parseFactProof(proof))}\n${proof}`;
}

/**
 * Checks a receipt; what is wrong with its proof is a finding.
 * @throws {EvidenceError} code `malformed-proof`
 */
export function verifyReceipt(text: string, options?: VerifyFactOptions): VerifiedFacts {
  const proof = text.slice(text.indexOf("\n{\n") + 1);
  if (formatReceipt(proof) === text) return verifyFactProof(proof, options);
  throw new EvidenceError("malformed-proof", "this is no receipt", "take the file as it was given");
}

function wordsOf({ position, leaf, facts, verifier }: FactProof): string {
  const { timeMs } = attempt(() => decodeLeaf(leaf));
  const { name } = attempt(() => parseVerifier(verifier));
  return [
    "Receipt",
    "",
    ...facts.map(({ bytes }) => `- ${sentenceOf(bytes)}`),
    "",
    `This is in the ledger ${name}, at position ${position}, since ${instant(timeMs)}.`,
    "",
    "Keep this file as it is. Anybody can check it without asking the platform:",
    "",
    "    solely ledger verify FILE --key KEY",
    "",
    "FILE is this file, and KEY the ledger's key as the platform publishes it. What follows is the proof.",
    "",
  ].join("\n");
}

/** @throws {EvidenceError} code `malformed-proof` */
function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new EvidenceError("malformed-proof", "this is no receipt", "take the file as it was given");
  }
}

function sentenceOf(bytes: Uint8Array): string {
  const fact = attempt(() => readFactRow(bytes));
  if (fact.is === "grant") {
    const by = fact.isByOther ? `by account number ${fact.giver}` : "by its account";
    const verified = fact.verifiedAtMs === undefined ? "not verified" : `verified ${instant(fact.verifiedAtMs)}`;
    return `${instant(fact.atMs)}: contact number ${fact.number} was given ${by} under notice number ${fact.notice}, ${verified}.`;
  }
  const whose = fact.isWholeAccount ? `account number ${fact.number}` : `contact number ${fact.number}`;
  const whatFor = fact.purpose === undefined ? "marketing, ads and sharing" : fact.purpose;
  const what = {
    withdraw: `permission for ${whatFor} was taken back`,
    erase: "erasure was asked for",
    disown: "it was told that a contact is not theirs any more",
  }[fact.type];
  return `${instant(fact.atMs)}: of ${whose}, ${what}.`;
}

const instant = (ms: number): string => new Date(ms).toISOString();
