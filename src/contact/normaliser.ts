/**
 * The normaliser: from a value as it came (bytes, UTF-8) to its normal forms. One per thread and region.
 *
 * Forms are written as bytes behind one another, ready to be hashed; a value never becomes an object.
 * Two spellings that have an equal form under any scheme have an equal coarsest form (tests), so that
 * promises attach to the mailbox or the line, not to a spelling. A refused value leaves no trace.
 */
import { VALUE_FORM, type ValueForm } from "../kernel/index.js";
import { type EmailFolding, EmailWriter, tellKernels } from "./email.js";
import { ContactError } from "./error.js";
import { writeIdentifier } from "./identifier.js";
import { KIND_CODES, type KindCode } from "./kind.js";
import type { Messages } from "./messages.js";
import { PhoneReader } from "./phone.js";
import { EMAIL_MASKS, EVERY_SCHEME, PHONE_MASKS, SCHEMES, type Scheme } from "./scheme.js";

/** Google's form of an address. */
const GMAIL_FOLDING: EmailFolding = { tags: "gmail", oneGmail: false };
/** Every spelling that some platform takes for the same mailbox. */
const COARSEST_FOLDING: EmailFolding = { tags: "every", oneGmail: true };

/** How the kernels of this thread write values of a kind under a scheme; `none`: only a normaliser does. */
export function valueForm(kind: KindCode, scheme: Scheme): ValueForm {
  const row = SCHEMES[scheme];
  if (kind === KIND_CODES.phone) return row.phone === "plus" ? VALUE_FORM.phoneWithPlus : VALUE_FORM.phoneDigits;
  if (kind !== KIND_CODES.email) return VALUE_FORM.none;
  tellKernels();
  return row.email === "gmail" ? VALUE_FORM.gmail : VALUE_FORM.email;
}

export class Normaliser {
  readonly #email = new EmailWriter();
  readonly #phone: PhoneReader;

  /**
   * @param options.region two letters: how phone numbers without "+" are read; none: they are refused
   * @throws {ContactError} code `unknown-region`
   */
  constructor(options: { readonly region?: string | undefined } = {}) {
    this.#phone = new PhoneReader(options.region);
  }

  /**
   * Appends the form under `scheme` of the value `src[start..end)` to the open message of `out`, and ends it.
   *
   * Cost: about 0.1 µs for an ASCII address or a number with "+".
   * @returns 0, or a refusal code (refusal.ts) and the open message is dropped
   * @example normaliser.form(kindCode("email"), "plain", bytes, 0, bytes.length, out)
   */
  form(kind: KindCode, scheme: Scheme, src: Uint8Array, start: number, end: number, out: Messages): number {
    const row = SCHEMES[scheme];
    let code: number;
    if (kind === 0) {
      code = this.#email.plain(src, start, end, out);
      if (code === 0 && row.email === "gmail") this.#email.fold(out, GMAIL_FOLDING);
    } else if (kind === 1) {
      code = this.#phone.read(src, start, end);
      if (code === 0) this.#phone.write(out, row.phone === "plus");
    } else {
      code = writeIdentifier(kind, src, start, end, out);
    }
    if (code === 0) out.end(row.bit);
    else out.rollback();
    return code;
  }

  /**
   * Appends the coarsest form, which identity is made of, to the open message of `out`, and ends it. What
   * the message already holds (an account, a kind) stays in front.
   *
   * @returns 0, or a refusal code and the open message is dropped
   * @example out.append(account); normaliser.coarsest(kind, bytes, 0, bytes.length, out)
   */
  coarsest(kind: KindCode, src: Uint8Array, start: number, end: number, out: Messages): number {
    let code: number;
    if (kind === 0) {
      code = this.#email.plain(src, start, end, out);
      if (code === 0) this.#email.fold(out, COARSEST_FOLDING);
    } else if (kind === 1) {
      code = this.#phone.read(src, start, end);
      if (code === 0) this.#phone.write(out, false);
    } else {
      code = writeIdentifier(kind, src, start, end, out);
    }
    if (code === 0) out.end();
    else out.rollback();
    return code;
  }

  /**
   * Appends each distinct form as a message of its own, tagged with the mask of the schemes whose form it
   * is. No message may be open.
   *
   * @returns the number of forms, 1 to MAX_FORMS, or minus a refusal code and nothing is appended
   * @throws {ContactError} code `message-open`
   */
  forms(kind: KindCode, src: Uint8Array, start: number, end: number, out: Messages): number {
    if (out.used !== out.start) {
      throw new ContactError("message-open", "several forms can't share one open message", "end it first");
    }
    if (kind === 0) return this.#emailForms(src, start, end, out);
    if (kind === 1) {
      const code = this.#phone.read(src, start, end);
      if (code !== 0) return -code;
      this.#phone.write(out, true);
      out.end(PHONE_MASKS.plus);
      this.#phone.write(out, false);
      out.end(PHONE_MASKS.digits);
      return 2;
    }
    const code = writeIdentifier(kind, src, start, end, out);
    if (code !== 0) return -code;
    out.end(EVERY_SCHEME);
    return 1;
  }

  #emailForms(src: Uint8Array, start: number, end: number, out: Messages): number {
    const code = this.#email.plain(src, start, end, out);
    if (code !== 0) return -code;
    out.end(EVERY_SCHEME);
    if (!this.#email.isGmail(out)) return 1;
    // Only a copy that changed is a form of its own.
    this.#email.copy(out);
    if (!this.#email.fold(out, GMAIL_FOLDING)) {
      out.rollback();
      return 1;
    }
    out.tags[out.count - 1] = EMAIL_MASKS.lower;
    out.end(EMAIL_MASKS.gmail);
    return 2;
  }
}
