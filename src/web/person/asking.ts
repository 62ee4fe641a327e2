/** What a person's page asks of the server, and says of what went wrong in the reader's own words; and files to keep. */
import type { PersonExport, PersonView } from "../../person/index.js";
import type { Purpose } from "../../purpose/index.js";
import { ask, Refused } from "../ask.js";
import { say } from "../messages/index.js";
import { saved } from "../parts/saved.js";

/** What was switched, and where it stands. */
export interface Change {
  readonly purpose: Purpose;
  readonly to: "on" | "off";
  readonly position: number;
  readonly receipt: string;
}

type Asked =
  | { to: "off"; purpose: Purpose }
  | { to: "on"; purpose: Purpose; notice: string; contact: number; value: string };

export const viewMine = (): Promise<PersonView> => inOwnWords(ask("GET", "/v1/person"));

export async function turn(asked: Asked): Promise<Change> {
  const { position, receipt } = await inOwnWords(
    ask<{ position: number; receipt: string }>("POST", "/v1/person/switch", asked),
  );
  return { purpose: asked.purpose, to: asked.to, position, receipt };
}

export async function saveReceiptOf(position: number): Promise<void> {
  const { receipt } = await inOwnWords(ask<{ receipt: string }>("POST", "/v1/person/receipt", { position }));
  saveReceipt(position, receipt);
}

export const saveReceipt = (position: number, receipt: string): void =>
  saved(`solely-receipt-${position}.txt`, "text/plain", receipt);

export async function saveEverything(): Promise<void> {
  const mine = await inOwnWords(ask<PersonExport>("POST", "/v1/person/export", {}));
  saved("solely-contacts.json", "application/json", `${JSON.stringify(mine, null, 2)}\n`);
}

async function inOwnWords<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const own = error instanceof Refused ? say.person.problems[error.problem.code] : undefined;
    if (!(error instanceof Refused) || own === undefined) throw error;
    throw new Refused({ code: error.problem.code, ...own }, error.status);
  }
}
