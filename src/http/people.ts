/** Links for people: the platform, which knows who is signed in with it, lets them into their own page here. */
import { linkToPerson } from "../person/index.js";
import { type Route, route } from "./route.js";

export const peopleRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/people/:account/link",
    scope: "people",
    about:
      "A link that lets an account's owner into their own page here, once; for a button in the platform's own settings.",
    answers: { 200: "`url, expiresAt`: ten minutes from now", 404: "`unknown-account`" },
    handle: ({ solely, params }) => linkToPerson(solely, params.account!, solely.links.origin!),
  }),
];
