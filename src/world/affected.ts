/**
 * Whom the world's mistakes affect: contact points that a list reaches by what is believed, and that may not be matched by what
 * is right. All that people gave and took back is before any list comes, so that one judgement holds of all of them.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { History } from "./history.js";
import { type KnownMistakes, mistakes } from "./mistakes.js";
import { noticeFacts, rightPurposes } from "./notices.js";
import { judge } from "./promise.js";
import { kindNames } from "./values.js";

interface AffectedPoint {
  readonly account: string;
  readonly kind: string;
  /** What it was given for, rightly. */
  readonly purpose: string;
  /** The lists that reach it, a bit each. */
  readonly lists: number;
}

export class AffectedPoints {
  /** By mistake. */
  readonly #points: AffectedPoint[][] = mistakes.map(() => []);
  readonly #believed = new Uint8Array(32);
  readonly #right = new Uint8Array(32);

  /** @param listsThatName lists that name the spelling of a grant, a bit each */
  add(history: History, account: string, listsThatName: (grant: number) => number): void {
    for (let mistake = 0; mistake < mistakes.length; mistake++) {
      if (givenUnder(history, -1, mistake) === -1) continue;
      const before: KnownMistakes = (1 << mistake) - 1;
      judge(history, this.#believed, before);
      judge(history, this.#right, before | (1 << mistake));
      for (let point = 0; point < history.points; point++) {
        let lists = 0;
        let isRight = false;
        for (let g = 0; g < history.grants; g++) {
          if (history.grantPoint[g] !== point) continue;
          if (this.#believed[g] === 1) lists |= listsThatName(g);
          isRight ||= this.#right[g] === 1;
        }
        if (isRight || lists === 0) continue;
        const { id } = noticeFacts[givenUnder(history, point, mistake)]!;
        const kind = kindNames[history.kind[point]!]!;
        this.#points[mistake]!.push({ account, kind, purpose: rightPurposes(id)[0]!, lists });
      }
    }
  }

  /** One file a mistake: a row an affected contact point, with the lists that reach it; sorted by account. */
  async write(folder: string, lists: readonly { readonly name: string }[]): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const [i, { incident }] of mistakes.entries()) {
      const rows = this.#points[i]!.map((point) => {
        const names = lists.filter((_, list) => ((point.lists >>> list) & 1) === 1).map(({ name }) => name);
        return `${point.account},${point.kind},${point.purpose},${names.join(" ")}\n`;
      });
      await writeFile(join(folder, `${incident}.csv`), `account,kind,purpose,lists\n${rows.sort().join("")}`);
      counts[incident] = rows.length;
    }
    return counts;
  }
}

/** A notice of a mistake under which something was given (of a contact point, or with -1 of any); -1: none. */
function givenUnder(history: History, point: number, mistake: number): number {
  for (let g = 0; g < history.grants; g++) {
    const notice = history.grantNotice[g]!;
    if ((point === -1 || history.grantPoint[g] === point) && noticeFacts[notice]!.mistake === mistake) return notice;
  }
  return -1;
}
