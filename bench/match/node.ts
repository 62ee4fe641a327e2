/** Node as a good engineer would write it in an hour: a Map from hex digits to the contact, the file split into lines. */
import { hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { EngineKind } from "./engine.js";
import { contactDigests, DIGEST_BYTES, type Form, sumOf } from "./population.js";

/** A Map holds 2^24 entries at most: there is one for each first digit. */
const MAPS = 16;
const DIGITS = 32;

const keyOf: Readonly<Record<Form, (cell: string) => string>> = {
  hashed: (cell) => cell.slice(0, DIGITS),
  raw: (cell) => hash("sha256", cell).slice(0, DIGITS),
  dirty: (text) => {
    const cell = text.trim().toLowerCase();
    return /^[0-9a-f]{64}$/.test(cell) ? keyOf.hashed(cell) : keyOf.raw(cell);
  },
};

/** The address of a line of the dirty form: its second cell, maybe in quotes. */
function addressCell(line: string): string {
  const [, , quoted, plain] = /^("(?:[^"]|"")*"|[^,]*),(?:"((?:[^"]|"")*)"|([^,\r]*))/.exec(line) ?? [];
  return quoted?.replaceAll('""', '"') ?? plain ?? "";
}

export const plainNode: EngineKind = {
  name: "Node",
  bytesPerContact: 140,
  open: async (contacts) => {
    const maps = Array.from({ length: MAPS }, () => new Map<string, number>());
    const mapOf = (key: string) => maps[Number.parseInt(key[0] ?? "0", MAPS)]!;
    for (const { first, digests } of contactDigests(contacts)) {
      const text = Buffer.from(digests).toString("hex");
      for (let i = 0; i * DIGEST_BYTES < digests.length; i++) {
        // Joined anew, so that the text of the whole block is not kept.
        const key = Buffer.from(text.slice(2 * i * DIGEST_BYTES, 2 * i * DIGEST_BYTES + DIGITS), "latin1").toString(
          "latin1",
        );
        mapOf(key).set(key, first + i);
      }
    }
    return {
      name: `Node ${process.versions.node}`,
      ways: {
        "Map of strings": async ({ file, form }) => {
          const isFound = new Uint8Array(contacts);
          const found: number[] = [];
          const take = (line: string): void => {
            const key = keyOf[form](form === "dirty" ? addressCell(line) : line);
            const contact = mapOf(key).get(key);
            if (contact === undefined || isFound[contact] === 1) return;
            isFound[contact] = 1;
            found.push(contact);
          };
          let rest = "";
          for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: 1 << 20 })) {
            const lines = (rest + chunk).split("\n");
            rest = lines.pop()!;
            for (const line of lines) take(line);
          }
          if (rest !== "") take(rest);
          return { contacts: found.length, sum: sumOf(found) };
        },
      },
      close: async () => {},
    };
  },
};
