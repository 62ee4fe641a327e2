/**
 * The list that has gone through too many hands: values and digests in one column, quotes where none are
 * needed, blanks (also the one that does not break), blank lines, duplicates, two sorts of line end, cells
 * that are empty, cut off or of other things, bytes that are no UTF-8, a byte order mark.
 */
import { utf8 } from "./bytes.js";
import type { ListMaker, ListShape } from "./list.js";
import { EMAIL, type KindName, SPELLING } from "./values.js";

const NO_BREAK_SPACE = utf8("\u00a0");

/** Cells that are no e-mail address and no digest. */
const garbage = [
  "n/a",
  "unknown",
  "@",
  "mary@@example.com",
  "mary smith@example.com",
  "@example.com",
  "mary@",
  "mary.example.com",
  "#REF!",
  "ae".repeat(31),
  "0".repeat(63),
  "a".repeat(65),
  "g".repeat(64),
  `${"x".repeat(312)}@example.com`,
] as const;

export const dirtyShape: ListShape = {
  name: "mixed-dirty",
  file: "mixed-dirty.csv",
  scheme: "plain",
  hasHeader: true,
  shape: "e-mail addresses and digests in one column, with everything that goes wrong on the way",
  async write(maker, rows) {
    const { draw } = maker;
    const column: KindName = "email";
    maker.out.put(Uint8Array.of(0xef, 0xbb, 0xbf));
    maker.text(`"${column}",note\r\n`);
    let before = new Uint8Array(0);
    for (let row = 0; row < rows; row++) {
      if (draw.chance(20)) await maker.end("\r\n");
      const from = maker.out.length;
      const isGood = writeRow(maker, before);
      before = maker.out.bytes.slice(from, maker.out.length);
      const end = draw.chance(600) ? "\r\n" : "\n";
      if (isGood) await maker.good(end);
      else {
        before = new Uint8Array(0);
        await maker.bad(end);
      }
    }
  },
};

/** One row without its end; whether it is usable. @param before the last good row, to be written again */
function writeRow(maker: ListMaker, before: Uint8Array): boolean {
  const { draw, out } = maker;
  const which = draw.below(100);
  out.need(2048);
  if (which < 8 && before.length > 0) {
    out.put(before);
    return true;
  }
  if (which < 14) {
    if (draw.chance(500)) out.ascii('""');
    out.ascii(',"empty, so to say"');
    return false;
  }
  if (which < 20) {
    out.ascii(garbage[draw.below(garbage.length)]!);
    out.byte(44);
    return false;
  }
  if (which < 23) {
    out.put(Uint8Array.of(0xff, 0xfe));
    out.put(maker.raw(maker.pick(EMAIL)));
    out.byte(44);
    return false;
  }
  const subject = maker.pick(EMAIL);
  if (which < 40) {
    const isQuoted = draw.chance(300);
    const isPadded = draw.chance(100);
    if (isQuoted) out.byte(34);
    if (isPadded) out.byte(32);
    maker.digestCell(subject, draw.chance(300));
    if (isPadded) out.byte(32);
    if (isQuoted) out.byte(34);
    out.byte(44);
    return true;
  }
  if (which < 60) subject.spelling |= [SPELLING.upper, SPELLING.title, SPELLING.blanks][draw.below(3)]!;
  const isQuoted = draw.chance(400);
  if (isQuoted) out.byte(34);
  if (which < 50) out.put(NO_BREAK_SPACE);
  maker.rawCell(subject);
  if (isQuoted) out.byte(34);
  out.ascii([",", ",vip", ',"said ""call me"", then\r\nhung up"', ",\u0009"][draw.below(4)]!);
  return true;
}
