/**
 * Random histories against a slow plain model, which knows who really signed what and never looks at a signature.
 * It starts from the first event each time; a proposal waits exactly while the key it was signed with is in force.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Action } from "./action.js";
import { OperatorError } from "./error.js";
import { encodeGenesis, genesisFingerprint, newGenesis } from "./genesis.js";
import { type OperatorFactKind, Operators, type ProposalState } from "./operators.js";
import { publicKeyText } from "./public-key.js";
import { encodeSigned, type Signed, signApproval, signProposal, statementId } from "./statement.js";

const NAMES = ["alice", "bob", "carol", "dave", "erin"];
const BEGINNERS = 3;
const keys = Array.from({ length: 12 }, () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKey: publicKeyText(publicKey) };
});

type Change =
  | { type: "neutral" }
  | { type: "add" | "replace"; name: string; key: number }
  | { type: "remove"; name: string };
type Damage = "none" | "text" | "signature" | "store";

interface Event {
  kind: "proposal" | "approval";
  by: string;
  /** Index of the key it was really signed with. */
  key: number;
  isIntact: boolean;
  change: Change;
  /** The proposal's own number, or that of the one approved. */
  proposal: number;
}

function model(events: readonly Event[]) {
  const people = new Map(NAMES.slice(0, BEGINNERS).map((name, key) => [name, key]));
  const used = new Set(people.values());
  const proposals = new Map<number, { by: string; key: number; change: Change; isApproved: boolean }>();
  const waits = (proposal: { by: string; key: number; isApproved: boolean }) =>
    !proposal.isApproved && people.get(proposal.by) === proposal.key;
  const canBe = (change: Change) => {
    if (change.type === "add") return !people.has(change.name) && !used.has(change.key);
    if (change.type === "replace") return people.has(change.name) && !used.has(change.key);
    if (change.type === "remove") return people.has(change.name) && people.size > 2;
    return true;
  };
  const accepted = events.map(({ kind, by, key, isIntact, change, proposal: number }) => {
    if (!isIntact || people.get(by) !== key) return false;
    const proposal = proposals.get(number);
    if (kind === "proposal") {
      if (proposal !== undefined || !canBe(change)) return false;
      proposals.set(number, { by, key, change, isApproved: false });
      return true;
    }
    if (
      proposal === undefined ||
      !waits(proposal) ||
      proposal.by === by ||
      proposal.key === key ||
      !canBe(proposal.change)
    )
      return false;
    proposal.isApproved = true;
    const decided = proposal.change;
    if (decided.type === "remove") people.delete(decided.name);
    if (decided.type === "add" || decided.type === "replace") {
      people.set(decided.name, decided.key);
      used.add(decided.key);
    }
    return true;
  });
  const states = new Map<number, ProposalState>();
  for (const [number, proposal] of proposals)
    states.set(number, proposal.isApproved ? "approved" : waits(proposal) ? "pending" : "lapsed");
  return { people, accepted, states };
}

const someName = fc.constantFrom(...NAMES);
const someKey = fc.constantFrom(...keys.keys());
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Change>({ type: "neutral" }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom<"add" | "replace">("add", "replace"), name: someName, key: someKey }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant<"remove">("remove"), name: someName }) },
);
const command = fc.record({
  what: fc.constantFrom("propose", "propose", "approve", "approve", "approve", "replay"),
  /** A number: one of those in force. */
  by: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 3, 4) }, { weight: 1, arbitrary: someName }),
  /** Undefined: the key that is in force. */
  key: fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: someKey }),
  damage: fc.oneof(
    { weight: 9, arbitrary: fc.constant<Damage>("none") },
    { weight: 1, arbitrary: fc.constantFrom<Damage>("text", "signature", "store") },
  ),
  change,
  back: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5),
});

function actionOf(wanted: Change): Action {
  if (wanted.type === "neutral") return { type: "notice.retire", id: "signup", from: "2026-01-01T00:00:00.000Z" };
  if (wanted.type === "remove") return { type: "operator.remove", name: wanted.name };
  const { publicKey } = keys[wanted.key]!;
  return { type: wanted.type === "add" ? "operator.add" : "operator.replace", name: wanted.name, publicKey };
}

function damaged(signed: Signed, damage: Damage): Signed {
  if (damage === "text") return { ...signed, statement: signed.statement.replace('"at":"2026', '"at":"2025') };
  if (damage !== "signature") return signed;
  const bytes = Buffer.from(signed.signature, "base64");
  return { ...signed, signature: Buffer.from(bytes.with(7, bytes[7]! ^ 4)).toString("base64") };
}

function accepts(take: () => unknown): boolean {
  try {
    take();
    return true;
  } catch (error) {
    if (error instanceof OperatorError) return false;
    throw error;
  }
}

test("any history of honest, forged, repeated and self-approved statements ends as the plain model says, live and folded", () => {
  let changesTaken = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 20, maxLength: 50, size: "max" }), (commands) => {
      const genesis = encodeGenesis(
        newGenesis(
          NAMES.slice(0, BEGINNERS).map((name, i) => ({ name, publicKey: keys[i]!.publicKey })),
          0,
        ),
      );
      const storeId = genesisFingerprint(genesis);
      const live = new Operators(storeId);
      live.genesis(genesis);
      const events: Event[] = [];
      const sent: { kind: OperatorFactKind; signed: Signed }[] = [];
      const proposalIds: string[] = [];
      for (const { what, by: chosenName, key: chosenKey, damage, change, back } of commands) {
        if (what === "replay") {
          const again = events.length - 1 - back;
          if (again < 0) continue;
          events.push(events[again]!);
          sent.push(sent[again]!);
        } else {
          const kind = what === "propose" ? "proposal" : "approval";
          const { people } = model(events);
          const by = typeof chosenName === "string" ? chosenName : [...people.keys()][chosenName % people.size]!;
          const key = chosenKey ?? people.get(by) ?? 0;
          const proposal = kind === "proposal" ? proposalIds.length : proposalIds.length - 1 - (back % 3);
          if (proposal < 0) continue;
          const frame = {
            key: keys[key]!.privateKey,
            name: by,
            storeId: damage === "store" ? "0".repeat(64) : storeId,
            atMs: Date.UTC(2026, 0),
          };
          const whole =
            kind === "proposal"
              ? signProposal({ ...frame, action: actionOf(change) })
              : signApproval({ ...frame, proposal: proposalIds[proposal]! });
          const signed = damaged(whole, damage);
          if (kind === "proposal") proposalIds.push(statementId(signed));
          events.push({ kind, by, key, isIntact: damage === "none", change, proposal });
          sent.push({ kind, signed });
        }
        const { kind, signed } = sent.at(-1)!;
        const position = sent.length;
        const isAccepted = accepts(() =>
          kind === "proposal" ? live.propose(signed, position) : live.approve(signed, position),
        );
        const expected = model(events);
        assert.equal(isAccepted, expected.accepted.at(-1), `event ${position}`);
        assert.deepEqual(
          new Map(live.list().map(({ name, publicKey }) => [name, publicKey])),
          new Map([...expected.people].sort().map(([name, index]) => [name, keys[index]!.publicKey])),
        );
      }
      const { states, accepted } = model(events);
      const stateOf = (operators: Operators) =>
        (["pending", "approved", "lapsed"] as const)
          .flatMap((state) => operators.proposals(state).map(({ id }) => `${id} ${state}`))
          .sort();
      assert.deepEqual(stateOf(live), [...states].map(([number, state]) => `${proposalIds[number]} ${state}`).sort());

      const foldOf = (isKept: (i: number) => boolean) => {
        const folded = new Operators(storeId);
        folded.fold("genesis", genesis, 0);
        sent.forEach(({ kind, signed }, i) => {
          if (isKept(i)) folded.fold(kind, encodeSigned(signed), i + 1);
        });
        return folded;
      };
      for (const folded of [foldOf(() => true), foldOf((i) => accepted[i] === true)]) {
        assert.deepEqual(folded.terms(), live.terms());
        assert.deepEqual(stateOf(folded), stateOf(live));
      }
      assert.equal(foldOf((i) => accepted[i] === true).rejectedCount, 0);
      assert.equal(foldOf(() => true).rejectedCount, accepted.filter((isAccepted) => !isAccepted).length);
      changesTaken += live.terms().length - BEGINNERS;
    }),
    { numRuns: 100 },
  );
  assert.ok(changesTaken > 20, `the histories changed operators only ${changesTaken} times`);
});
