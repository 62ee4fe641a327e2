/** A person's page. */
import { say } from "../messages/index.js";
import { Frame, type Place, type Visit } from "../parts/frame.js";
import { ContactsPage } from "./contacts.js";

const PLACES: readonly Place[] = [{ path: "/", name: say.person.title, page: ContactsPage }];

export function PersonPages(visit: Visit) {
  return <Frame {...visit} who="" places={PLACES} />;
}
