import assert from "node:assert/strict";
import { test } from "node:test";
import { claimDigest, parseClaim } from "./claim.js";

const notice = {
  notice: "unlock@1",
  given_from: "2014-01-01T00:00:00Z",
  given_to: "2019-09-17T00:00:00Z",
  corrected: { purposes: ["security.unlock"], exclusive: true },
};
const claim = { id: "unlock-2019", title: "Unlock contacts were matched", purpose: "ads.match", claims: [notice] };

test("a claim is read as it was given, and two spellings of it have one digest", () => {
  const other = {
    claims: [{ ...notice, given_to: "2019-09-17T02:00:00+02:00" }],
    title: claim.title,
    purpose: "ads.match",
    id: claim.id,
  };
  assert.equal(claimDigest(parseClaim(claim)), claimDigest(parseClaim(other)));
  assert.notEqual(claimDigest(parseClaim(claim)), claimDigest(parseClaim({ ...claim, title: "Other" })));
});

test("what is wrong with a claim is told by its field", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ...claim, purpose: "ads.measure" }, /purpose/],
    [{ ...claim, claims: [] }, /claims/],
    [{ ...claim, claims: [{ ...notice, surface: "settings" }] }, /claims\.0.*either a notice or a surface/],
    [{ ...claim, claims: [{ ...notice, given_to: notice.given_from }] }, /claims\.0.*given_from must be before/],
    [
      { ...claim, claims: [{ ...notice, corrected: { purposes: ["ads"], exclusive: true } }] },
      /claims\.0\.corrected\.purposes/,
    ],
    [{ ...claim, claims: [{ matches: ["x"], reason: "wrong file" }] }, /claims\.0\.matches\.0/],
    [{ ...claim, title: "a\u202eb" }, /title/],
  ];
  for (const [value, message] of wrong) assert.throws(() => parseClaim(value), { code: "malformed-claim", message });
});
