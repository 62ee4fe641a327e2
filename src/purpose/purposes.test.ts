import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PurposeError } from "./error.js";
import {
  isPromotional,
  isPurpose,
  isSecurity,
  PURPOSES,
  type Purpose,
  parsePurpose,
  purposeCode,
  purposeNames,
  purposeOfCode,
} from "./purposes.js";

const isUnknown = (error: unknown) => error instanceof PurposeError && error.code === "unknown-purpose";

/** As facts already hold them; this list grows at its end and never changes. */
const CODES: readonly (readonly [number, Purpose])[] = [
  [0, "security.mfa"],
  [1, "security.recovery"],
  [2, "security.unlock"],
  [3, "security.login-alert"],
  [4, "service.account"],
  [5, "service.message"],
  [6, "marketing.message"],
  [7, "ads.match"],
  [8, "ads.measure"],
  [9, "share.partner"],
];

/** Purposes of the W3C DPV, version 2.0, module `purposes`: those of security, marketing, service and sale. */
const DPV_TERMS: ReadonlySet<string> = new Set([
  ...["EnforceSecurity", "EnforceAccessControl", "MisusePreventionAndDetection", "FraudPreventionAndDetection"],
  ...["Verification", "IdentityVerification", "AgeVerification", "IdentityAuthentication"],
  ...["Marketing", "DirectMarketing", "PublicRelations", "SocialMediaMarketing"],
  ...["Advertising", "PersonalisedAdvertising", "TargetedAdvertising"],
  ...["ServiceProvision", "RequestedServiceProvision", "ServiceRegistration", "ServiceUsageAnalytics"],
  ...["ServiceOptimisation", "ServicePersonalisation", "TechnicalServiceProvision", "PaymentManagement"],
  ...["AccountManagement", "CommunicationManagement", "CommunicationForCustomerCare", "MemberPartnerManagement"],
  ...["SellProducts", "SellDataToThirdParties", "SellInsightsFromData", "SellProductsToDataSubject"],
]);
const DPV = "https://w3id.org/dpv#";

test("there are ten leaves, and each keeps the code that facts hold", () => {
  assert.deepEqual(
    purposeNames.map((name) => [purposeCode(name), name]),
    CODES,
  );
  for (const [code, name] of CODES) assert.equal(purposeOfCode(code), name);
});

test("a code that no leaf has is no purpose", () => {
  const codes = new Set(CODES.map(([code]) => code));
  const anyOther = fc.oneof(fc.integer(), fc.double()).filter((code) => !codes.has(code));
  fc.assert(fc.property(anyOther, (code) => assert.throws(() => purposeOfCode(code), isUnknown)));
});

test("only a leaf can be named: not a branch, another spelling or what every object has", () => {
  for (const name of purposeNames) {
    assert.equal(isPurpose(name), true);
    assert.equal(parsePurpose(name), name);
    const branch = name.split(".")[0]!;
    const others = [branch, `${branch}.`, `${branch}.*`, name.toUpperCase(), ` ${name}`, `${name} `, `${name}.all`];
    for (const other of [...others, name.replace(".", "_"), name.slice(branch.length + 1)]) {
      assert.equal(isPurpose(other), false, other);
      assert.throws(() => parsePurpose(other), isUnknown, other);
    }
  }
  for (const inherited of ["", "toString", "constructor", "__proto__", "hasOwnProperty"]) {
    assert.equal(isPurpose(inherited), false, inherited);
    assert.throws(() => parsePurpose(inherited), isUnknown, inherited);
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      assert.equal(
        isPurpose(name),
        CODES.some(([, known]) => known === name),
      );
    }),
  );
});

test("the refusal of an unknown purpose says what it was and names all that are known", () => {
  assert.throws(
    () => parsePurpose("ads"),
    ({ message }: Error) => message.includes('"ads"') && purposeNames.every((name) => message.includes(name)),
  );
});

test("each leaf's meaning is one line of its own, for a person", () => {
  const meanings = Object.values(PURPOSES).map(({ meaning }) => meaning);
  assert.equal(new Set(meanings).size, 10);
  for (const meaning of meanings) assert.match(meaning, /^[a-z][a-z' -]{9,79}$/);
});

test("each leaf is named by one term, of DPV or of our own under one of DPV", () => {
  const leaves: { term: string; under?: string }[] = Object.values(PURPOSES);
  assert.equal(new Set(leaves.map(({ term }) => term)).size, 10);
  for (const { term, under } of leaves) {
    assert.equal(new URL(term).href, term);
    const isOwn = !term.startsWith(DPV);
    assert.equal(under !== undefined, isOwn, term);
    if (under !== undefined) assert.ok(under.startsWith(DPV), under);
  }
});

test("every term of DPV that a leaf refers to is there in DPV 2", () => {
  const leaves: { term: string; under?: string }[] = Object.values(PURPOSES);
  const referred = leaves.map(({ term, under = term }) => under.slice(DPV.length));
  assert.deepEqual(
    referred.filter((term) => !DPV_TERMS.has(term)),
    [],
  );
});

test("security, promotion and service share the leaves out among them", () => {
  for (const name of purposeNames) {
    const kinds = [isSecurity(name), isPromotional(name), name.startsWith("service.")];
    assert.equal(kinds.filter(Boolean).length, 1, name);
  }
  assert.deepEqual(purposeNames.filter(isPromotional), [
    "marketing.message",
    "ads.match",
    "ads.measure",
    "share.partner",
  ]);
});
