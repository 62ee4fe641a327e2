/** What an operator's search finds: audiences, incidents and notices by their lists, and an account by its name. */
import { createContext } from "preact";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import type { Finder } from "../parts/search.js";
import { CANARY_ADVERTISER } from "./audiences.js";
import { anchorOf } from "./notices.js";

/** The account that a search named, until its page has taken it over; no address ever holds it. */
export const AskedAccount = createContext<{
  readonly asked: string | undefined;
  readonly onAsked: (account: string | undefined) => void;
}>({ asked: undefined, onAsked: () => {} });

/** @param onAccount called with an account's name before its page opens */
export const finderOf = (onAccount: (account: string) => void): Finder => ({
  hint: say.operator.searchHint,
  all: async () => {
    const [audiences, incidents, notices] = await Promise.all([
      command("audiences", {}),
      command("incidents", {}),
      command("notices", {}),
    ]);
    return [
      ...audiences
        .filter(({ advertiser }) => advertiser !== CANARY_ADVERTISER)
        .map(({ audience, name, advertiser }) => ({
          ...{ name, number: audience, what: say.operator.audienceOf(advertiser) },
          path: `/audiences/${audience}`,
        })),
      ...incidents.map(({ incident, title }) => ({
        ...{ name: title, number: incident, what: say.operator.incidentNamed(incident) },
        path: `/incidents/${incident}`,
      })),
      ...notices.map(({ notice }) => ({
        ...{ name: notice, what: say.operator.notice },
        path: `/notices#${anchorOf(notice)}`,
      })),
    ];
  },
  named: (text) => {
    const account = say.operator.accountIn(text);
    if (account === undefined) return undefined;
    return { name: say.operator.lookUp(account), path: "/accounts", onOpen: () => onAccount(account) };
  },
});
