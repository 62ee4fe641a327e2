/** What a contact of the view is called. */
import type { PersonView } from "../../person/index.js";
import { number as counted, say } from "../messages/index.js";

type Named = Pick<PersonView["contacts"][number], "kind" | "mask" | "isErased">;

export function nameOf({ kind, mask, isErased }: Named): string {
  const kinds: Record<string, string> = say.person.kinds;
  const shown = isErased ? say.person.erased : (mask ?? say.person.noMask);
  return say.person.contact(kinds[kind] ?? kind, shown.replaceAll(" ", "\u00a0"));
}

/** By its number; one that is not kept any more has only that. */
export function nameOfNumber({ contacts }: PersonView, number: number): string {
  const contact = contacts.find((one) => one.number === number);
  return contact === undefined ? say.person.contactNumber(counted(number)) : nameOf(contact);
}
