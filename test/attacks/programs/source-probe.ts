/**
 * T10. The source probe: Venkatadri et al., "Investigating Sources of PII Used in Facebook's Targeted Advertising" (PETS 2019).
 * They gave a platform contacts in seven ways, and asked by the edge of a size which could be targeted; security
 * contacts could after some weeks, numbers from friends' address books after a month.
 *
 * Recipe: pad a list to an edge, add the contact, read; add it again and read, over sixty days. The secret: whether
 * the platform has the contact from that source. What was given for ads is the control: ads must reach it. The
 * others they must never reach; of those nothing may show in sizes either, even without noise.
 */
import { attack, emails } from "../attack.js";
import type { Contact, ContactSource } from "../bed.js";
import { Evidence } from "../mechanism.js";

/** 63 days. */
const WEEKS = 9;
/** In which the contact is sent again: the paper found what it found after 9, 22 and 36 days. */
const PROBED_IN = [2, 4, 6, 9];
/** Far over the floor, so that ads may be shown. */
const [FROM, TO] = [1120, 1250];

interface Probed {
  readonly account: string;
  readonly email: string;
  readonly phone: string;
}

let numbers = 0;

function probe(letter: string, title: string, kind: Contact["kind"], source: ContactSource | "strangers") {
  return attack<Probed>({
    id: `T10${letter}`,
    title: `source probe: ${title}`,
    source: "Venkatadri et al. 2019",
    naive: {},
    short: 25,
    tellsNothing: source !== "profile",
    reaches: source === "profile",
    known: (trial) => ({
      account: `victim-${trial}`,
      email: `${trial}@victim.example`,
      phone: `+49160${String(1_000_000 + numbers++)}`,
    }),
    world: ({ account, email, phone }, isThere) => {
      const value = kind === "email" ? email : phone;
      // The account is there in any case, by an address that the attacker does not use.
      const profile: Contact = { account, kind: "email", value: `at-${email}`, source: "profile" };
      if (source !== "strangers")
        return { contacts: [profile, ...(isThere ? [{ account, kind, value, source }] : [])] };
      // A shop has both of the victim's contacts on its list, and the platform knows one of them.
      return { contacts: [profile], ...(isThere ? { strangersList: ["email,phone", `at-${email},${value}`] } : {}) };
    },
    async guess({ advertiser, mechanism, own, wait, coin }, { email, phone }) {
      const edge = mechanism.edge(FROM, TO);
      const row = kind === "email" ? emails(email) : ["phone", phone];
      const padded =
        kind === "email"
          ? emails(own(edge), email)
          : ["email,phone", `,${phone}`, ...own(edge).map((own) => `${own},`)];
      const name = "probe";
      const view = await advertiser.upload({ name, rows: padded });
      const evidence = new Evidence(mechanism);
      await wait("first-release");
      evidence.add(await advertiser.read(view), edge, edge + 1);
      for (let week = 1; week <= WEEKS; week++) {
        if (PROBED_IN.includes(week)) await advertiser.upload({ name, operation: "append", rows: row });
        await wait("epoch");
        evidence.add(await advertiser.read(view), edge, edge + 1, week);
      }
      return evidence.guess(coin);
    },
  });
}

export const sourceProbes = [
  probe("a", "given for ads (control)", "email", "profile"),
  probe("b", "two-factor phone", "phone", "two-factor"),
  probe("c", "login alerts", "email", "login-alert"),
  probe("d", "messenger's phone", "phone", "messenger"),
  probe("e", "friend's address book", "phone", "address-book"),
  probe("f", "linked service", "phone", "linked-service"),
  probe("g", "other advertisers' lists", "phone", "strangers"),
];
