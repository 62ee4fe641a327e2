/** A ledger position, and the way to its entry and proof. */
import { number } from "../messages/index.js";

export function LedgerLink({ position }: { position: number }) {
  return <a href={`/ledger?position=${position}`}>{number(position)}</a>;
}
