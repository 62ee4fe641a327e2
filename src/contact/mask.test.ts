import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KINDS, type Kind, kindCode } from "./kind.js";
import { writeMask } from "./mask.js";
import { Messages } from "./messages.js";
import { Normaliser } from "./normaliser.js";

const normaliser = new Normaliser({ region: "DE" });

/** The mask of a value as it came; undefined where it is none of its kind. */
function maskOf(kind: Kind, value: string): string | undefined {
  const [plain, masks] = [new Messages(), new Messages()];
  const bytes = Buffer.from(value);
  if (normaliser.form(kindCode(kind), "plain", bytes, 0, bytes.length, plain) !== 0) return undefined;
  writeMask(kindCode(kind), plain.bytes, 0, plain.used, masks);
  return Buffer.from(masks.message(0)).toString("utf8");
}

test("masks show the first characters of an address, the country and last digits of a phone, else one character", () => {
  const cases: [Kind, string, string][] = [
    ["email", " Ann.Smith+x@Example.com ", "a••@e••.com"],
    ["email", "a@b.co.uk", "a••@b••.uk"],
    ["email", "root@localhost", "r••@l••"],
    ["email", "éa@ünder.example", "é••@ü••.example"],
    ["phone", "+1 202 555 0142", "+1 ••• ••42"],
    ["phone", "0151 23456742", "+49 ••• ••42"],
    ["phone", "+353 1 679 4200", "+353 ••• ••00"],
    ["user_id", "4711", "4••"],
    ["handle", "@Jack", "j••"],
    ["external_id", "Ü-12", "Ü••"],
    ["maid", "38400000-8cf0-11bd-b23e-10b96e40000d", "3••"],
  ];
  for (const [kind, value, mask] of cases) assert.equal(maskOf(kind, value), mask, `${kind} ${value}`);
});

test("a mask has few characters of its value, whatever the value is", () => {
  const shown: Readonly<Record<Kind, number>> = {
    ...{ email: 3 + 63, phone: 6, maid: 1, user_id: 1, handle: 1, external_id: 1 },
  };
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), fc.emailAddress(), fc.nat(), (kind, address, number) => {
      const value = kind === "email" ? address : kind === "phone" ? `+4930${number}` : `${number}`;
      const mask = maskOf(kind, value);
      if (mask === undefined) return;
      assert.ok(mask.replaceAll(/[•@. +]/g, "").length <= shown[kind], `${value} ${mask}`);
      assert.ok(mask.includes("••"));
    }),
  );
});
