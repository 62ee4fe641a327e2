/** A claim in sentences. */
import { type Claim, claimDigest } from "../incident/index.js";
import { html, type Markup } from "./markup.js";
import { time } from "./numbers.js";

export function claimed(claim: Claim): Markup {
  const claims = claim.claims.map((one) => {
    if ("matches" in one)
      return html`<li>What the matches ${one.matches.join(", ")} brought in was wrong: ${one.reason}</li>`;
    const where = one.notice === undefined ? `at the surface “${one.surface}”` : `under the notice ${one.notice}`;
    return html`<li>Contacts given ${where} from ${time(one.given_from)} to before ${time(one.given_to)} were for <b>${one.corrected.purposes.join(", ")}</b>${one.corrected.exclusive ? " only" : ""}, and not for ${claim.purpose}.</li>`;
  });
  return html`<p>The claim, of which SHA-256 is <code>${claimDigest(claim)}</code>:</p><ul>${claims}</ul>`;
}
