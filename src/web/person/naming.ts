/** What a contact of the view is called. */
import type { PersonView } from "../../person/index.js";
import { number as counted, say } from "../messages/index.js";

type Named = Pick<PersonView["contacts"][number], "kind" | "mask">;

export function nameOf({ kind, mask }: Named): string {
  const kinds: Record<string, string> = say.person.kinds;
  return say.person.contact(kinds[kind] ?? kind, mask?.replaceAll(" ", "\u00a0") ?? say.person.noMask);
}

/** By its number; one that is not kept any more has only that. */
export function nameOfNumber({ contacts }: PersonView, number: number): string {
  const contact = contacts.find((one) => one.number === number);
  return contact === undefined ? say.person.contactNumber(counted(number)) : nameOf(contact);
}
