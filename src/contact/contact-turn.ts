/** The kernels' way of reading contacts, told the kinds and schemes of this room; it makes what a normaliser makes (tests). */
import { type ContactTerms, ContactTurn } from "../kernel/index.js";
import { tellKernels } from "./email.js";
import { KINDS } from "./kind.js";
import { EMAIL_MASKS, EVERY_SCHEME, PHONE_MASKS } from "./scheme.js";

const TAGS = { every: EVERY_SCHEME, ...EMAIL_MASKS, ...PHONE_MASKS };

/** @example contactTurn({ notices: ["signup@1"], vouches: false, keepsValues: true }) */
export function contactTurn(terms: Pick<ContactTerms, "notices" | "vouches" | "keepsValues">): ContactTurn {
  tellKernels();
  return new ContactTurn({ kinds: KINDS, tags: TAGS, ...terms });
}
