/**
 * T13a. What an answer tells by its words: rows that matched nobody pointed out to help the sender, a field more or less, a
 * header (per-row statuses are in every list API of the first generation).
 *
 * Recipe: a list of the victim, one of an account that one knows to be there, and one of nobody; compare all that comes
 * back, at once and after the first release: which of the two is the victim's answer like?
 */
import type { Answer } from "../advertiser.js";
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

/** Differ from list to list whatever is in it. */
const OWN_FIELDS = ["audience", "list", "match", "name", "createdAt", "updatedAt", "releasedAt"];
const OWN_HEADER = /^(date|content-length)$/i;

/** All that an answer says but whose it is and when it came. */
function wordsOf({ status, headers, text }: Answer): string {
  const words = JSON.stringify(JSON.parse(text), (key, value) => (OWN_FIELDS.includes(key) ? undefined : value));
  const pairs = headers.filter(([name]) => !OWN_HEADER.test(name)).map((pair) => pair.join(": "));
  return [status, ...pairs, words].join("\n");
}

export const answerWords = attack({
  id: "T13a",
  title: "words of the answers",
  source: "first list APIs",
  naive: {},
  short: 60,
  tellsNothing: true,
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const rows = [own(1), [email.replace("@victim", "@nobody")], [email]];
    const names = ["one", "two", "six"];
    const uploads = await Promise.all(
      rows.map((some, i) => advertiser.answerToUpload({ name: names[i]!, rows: emails(some) })),
    );
    const ids = uploads.map((answer) => (answer.json as { audience: string }).audience);
    const read = () => Promise.all(ids.map((id) => advertiser.answerToRead(id)));
    const pending = await read();
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    for (const answers of [uploads, pending, await read()]) {
      const [there, nobody, victim] = answers.map(wordsOf);
      if (victim === there && victim !== nobody) evidence.weigh(1e-9, 1);
      if (victim === nobody && victim !== there) evidence.weigh(1, 1e-9);
    }
    return evidence.guess(coin);
  },
});
