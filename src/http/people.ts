/** Links for people: the platform, which knows who is signed in with it, lets them into their own page here. */
import type { Solely } from "../instance/index.js";
import { type Route, route } from "./route.js";

const MINUTES = 10;

export const peopleRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/people/:account/link",
    scope: "people",
    about:
      "A link that lets an account's owner into their own page here, once; for a button in the platform's own settings.",
    answers: { 200: "`url, expiresAt`: ten minutes from now", 404: "`unknown-account`" },
    handle({ solely, params }) {
      const account = solely.contacts.account(params.account!);
      const expiresAt = new Date(Date.now() + MINUTES * 60_000).toISOString();
      const token = solely.links.make({ is: "person", account }, MINUTES, () => isThere(solely, account));
      return { url: `${solely.links.origin}/#person=${token}`, expiresAt };
    },
  }),
];

const isThere = ({ contacts }: Solely, account: number): boolean => !contacts.accounts.isNameless(account);
