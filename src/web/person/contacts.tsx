/** The person's contacts. */
import { say } from "../messages/index.js";

export function ContactsPage() {
  return <h1>{say.person.title}</h1>;
}
