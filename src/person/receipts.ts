/**
 * Receipts: the proof of what an account gave or took back, by its position, for the person to keep.
 *
 * Only of positions at which something was learned of the account or its contacts; of any other nothing is said but that
 * there is none. It shows a person's facts, so that it is a leaf of its own, as any proof of facts is.
 */
import { formatReceipt, type ProofRooms, proveFacts } from "../evidence/index.js";
import { accountEntries, pointEntries } from "../grant/index.js";
import { PersonError } from "./error.js";
import { erased, PERSON_ACTOR } from "./switches.js";

/** @throws {PersonError} codes `account-erased`, `unknown-receipt` */
export async function receiptOf(rooms: ProofRooms, account: number, position: number): Promise<string> {
  const { contacts } = rooms;
  if (contacts.accounts.isNameless(account)) throw erased();
  const entries = [
    ...accountEntries(contacts, account),
    ...contacts.pointsOf(account).flatMap((point) => pointEntries(contacts, point)),
  ];
  if (!entries.some(({ leaf }) => leaf === position)) {
    throw new PersonError("unknown-receipt", "nothing of yours stands there", "choose one that your page lists");
  }
  const name = contacts.accountName(account);
  return formatReceipt(await proveFacts(rooms, { position, of: { account: name }, actor: PERSON_ACTOR }));
}
