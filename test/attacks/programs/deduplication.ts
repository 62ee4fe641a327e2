/**
 * T2. The deduplication oracle: Venkatadri et al., "Privacy Risks with Facebook's PII-based Targeting" (IEEE S&P 2018), who
 * went from an e-mail address to its owner's phone number.
 *
 * Recipe: sizes count people, once however many of their contacts are listed. List the victim's address, and all numbers
 * of a block whose last digit is in a set: if the list is no larger than the numbers alone, the victim's digit is in the
 * set. Padded so that one person more shows. One set tells half of what can be known of a digit; the paper then goes on,
 * place by place. Each trial here is one set: the even digits.
 *
 * The other way round, where a list is held by people too: list the number, take the address out. If the list shrinks, both are
 * one person's.
 */
import { randomInt } from "node:crypto";
import { attack, emails } from "../attack.js";
import type { Contact } from "../bed.js";
import { Evidence } from "../mechanism.js";

const DIGITS = 10;
let blocks = 0;

export const deduplication = attack({
  id: "T2a",
  title: "deduplication oracle",
  source: "Venkatadri et al. 2018",
  naive: {},
  short: 60,
  known: (trial) => {
    const block = `+4915${String(10_000_000 + blocks++)}`;
    return {
      trial,
      email: `${trial}@victim.example`,
      numbers: Array.from({ length: DIGITS }, (_, i) => `${block}${i}`),
    };
  },
  /** All numbers of the block are somebody's. The secret: the victim's is even. */
  world: ({ trial, email, numbers }, isEven) => {
    const digit = 2 * randomInt(DIGITS / 2) + (isEven ? 0 : 1);
    const phones = numbers.map((value, i): Contact => {
      return { account: `${trial}-${i}`, kind: "phone", value, source: "profile" };
    });
    return { contacts: [...phones, { account: `${trial}-${digit}`, kind: "email", value: email, source: "profile" }] };
  },
  async guess({ advertiser, mechanism, own, wait, coin }, { email, numbers }) {
    const even = numbers.filter((_, i) => i % 2 === 0);
    // Of the numbers and the padding, without the victim's address.
    const alone = mechanism.edge(950, 1250);
    const rows = ["email,phone", `${email},`, ...even.map((number) => `,${number}`)];
    const padding = own(alone - even.length).map((address) => `${address},`);
    const view = await advertiser.upload({ name: "even", rows: [...rows, ...padding] });
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    evidence.add(await advertiser.read(view), alone + 1, alone);
    return evidence.guess(coin);
  },
});

/** The secret: whether address and number are one account's. */
export const deduplicationByRemoval = attack({
  id: "T2b",
  title: "the same, by removal",
  source: "after Venkatadri et al. 2018",
  naive: {},
  short: 60,
  known: (trial) => ({ trial, email: `${trial}@victim.example`, number: `+4915${30_000_000 + blocks++}0` }),
  world: ({ trial, email, number }, isOne) => ({
    contacts: [
      { account: trial, kind: "phone", value: number, source: "profile" },
      { account: isOne ? trial : `${trial}-other`, kind: "email", value: email, source: "profile" },
    ],
  }),
  async guess({ advertiser, mechanism, own, wait, coin }, { email, number }) {
    const edge = mechanism.edge(950, 1250);
    const name = "number";
    const padding = own(edge).map((address) => `${address},`);
    const view = await advertiser.upload({ name, rows: ["email,phone", `,${number}`, ...padding] });
    await advertiser.upload({ name, operation: "remove", rows: emails(email) });
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    evidence.add(await advertiser.read(view), edge + 1, edge);
    return evidence.guess(coin);
  },
});
