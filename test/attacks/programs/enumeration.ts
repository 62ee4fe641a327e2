/**
 * T14. Enumeration of hashes: there are about 10^10 phone numbers, and the SHA-256 of each can be computed in an hour (FTC,
 * "No, hashing still doesn't make your data anonymous", 2024). Whoever answers for digests answers for numbers.
 *
 * Recipe: somewhere in a block of numbers is one that is on the platform. List the digests of half the block, padded to an
 * edge: is it among them? Halve, and so on. Each trial here is one halving.
 */
import { createHash, randomInt } from "node:crypto";
import { attack } from "../attack.js";
import { Evidence } from "../mechanism.js";

const BLOCK = 64;
let blocks = 0;

const digest = (value: string): string => createHash("sha256").update(value).digest("hex");

export const enumeration = attack({
  id: "T14",
  title: "hash enumeration",
  source: "FTC 2024",
  naive: {},
  short: 60,
  known: (trial) => {
    const first = 10_000_000 + BLOCK * blocks++;
    return { trial, numbers: Array.from({ length: BLOCK }, (_, i) => `+49171${first + i}`) };
  },
  world: ({ trial, numbers }, isInFirstHalf) => {
    const at = randomInt(BLOCK / 2) + (isInFirstHalf ? 0 : BLOCK / 2);
    return { contacts: [{ account: `victim-${trial}`, kind: "phone", value: numbers[at]!, source: "profile" }] };
  },
  async guess({ advertiser, mechanism, own, wait, coin }, { numbers }) {
    const edge = mechanism.edge(1020, 1250);
    const half = numbers.slice(0, BLOCK / 2).map((number) => `,${digest(number)}`);
    const rows = ["email,phone", ...half, ...own(edge).map((address) => `${digest(address)},`)];
    const view = await advertiser.upload({ name: "half", rows });
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    evidence.add(await advertiser.read(view), edge, edge + 1);
    return evidence.guess(coin);
  },
});
