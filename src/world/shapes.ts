/**
 * Advertisers' lists in the shapes that they come in: columns as in the platforms' own upload templates
 * (Meta's customer list template, Google's Customer Match template, TikTok's customer file, X's one-column
 * lists), raw and hashed, and one that has gone through too many hands.
 */
import type { ListMaker, ListShape } from "./list.js";
import {
  COUNTRY_BR,
  COUNTRY_DE,
  countryNames,
  EMAIL,
  EXTERNAL_ID,
  HANDLE,
  MAID,
  PHONE,
  SPELLING,
  USER_ID,
} from "./values.js";

/** The first countries are those whose phones are written at home in a way that one rule reads. */
const WRITTEN_AT_HOME = 4;

const xEmails: ListShape = {
  name: "x-emails",
  file: "x-emails.csv",
  scheme: "x",
  hasHeader: false,
  shape: "one column of raw e-mail addresses, no header",
  write: writeRawEmails,
};

async function writeRawEmails(maker: ListMaker, rows: number): Promise<void> {
  for (let row = 0; row < rows; row++) {
    maker.rawCell(maker.pick(EMAIL));
    await maker.good();
  }
}

const xHashed: ListShape = {
  name: "x-hashed",
  file: "x-hashed.csv",
  scheme: "x",
  hasHeader: false,
  shape: "one column of SHA-256 digests of e-mail addresses and handles, no header",
  async write(maker, rows) {
    for (let row = 0; row < rows; row++) {
      maker.digestCell(maker.draw.chance(900) ? maker.pick(EMAIL) : maker.pick(HANDLE), maker.draw.chance(50));
      await maker.good();
    }
  },
};

const metaTemplate: ListShape = {
  name: "meta-template",
  file: "meta-template.csv",
  scheme: "meta",
  hasHeader: true,
  shape: "Meta's template: up to three e-mail addresses and phones, a device id, names and places; raw",
  async write(maker, rows) {
    const { draw } = maker;
    maker.text("email,email,email,phone,phone,phone,madid,fn,ln,zip,ct,st,country,dob,doby,gen,age,uid,value\n");
    for (let row = 0; row < rows; row++) {
      const emails = draw.chance(850) ? 1 + (draw.below(10) === 0 ? 1 + draw.below(2) : 0) : 0;
      for (let i = 0; i < 3; i++) {
        if (i < emails) maker.rawCell(maker.pick(EMAIL));
        maker.text(",");
      }
      const phones = draw.chance(500) ? 1 + draw.below(2) : 0;
      let country: number | undefined;
      for (let i = 0; i < 3; i++) {
        if (i < phones) {
          const subject = maker.pick(PHONE);
          const home = maker.countryOf(subject);
          if (home < WRITTEN_AT_HOME && (country === undefined || country === home) && draw.chance(400)) {
            maker.nationalCell(subject);
            country = home;
          } else {
            subject.spelling = [SPELLING.asIs, SPELLING.spaced, SPELLING.dashed][draw.below(3)]!;
            maker.rawCell(subject);
          }
        }
        maker.text(",");
      }
      const hasMaid = draw.chance(60);
      if (hasMaid) maker.rawCell(maker.pick(MAID));
      maker.text(
        `,Mary,Smith,94103,San Francisco,CA,${country === undefined ? "" : countryNames[country]},1984-02-29,1984,F,34,`,
      );
      const hasUser = draw.chance(50);
      if (hasUser) maker.rawCell(maker.pick(USER_ID));
      maker.text(`,${draw.below(900)}.${draw.below(90) + 10}`);
      await (emails + phones > 0 || hasMaid || hasUser ? maker.good() : maker.bad());
    }
  },
};

const metaHashed: ListShape = {
  name: "meta-hashed",
  file: "meta-hashed.csv",
  scheme: "meta",
  hasHeader: true,
  shape: "digests of e-mail addresses and of phones as digits only",
  async write(maker, rows) {
    maker.text("EMAIL_SHA256,PHONE_SHA256\n");
    for (let row = 0; row < rows; row++) {
      const which = maker.draw.below(10);
      if (which < 7) maker.digestCell(maker.pick(EMAIL));
      maker.text(",");
      if (which >= 5) maker.digestCell(maker.pick(PHONE));
      await maker.good();
    }
  },
};

const googleTemplate: ListShape = {
  name: "google-template",
  file: "google-template.csv",
  scheme: "google",
  hasHeader: true,
  shape: "Google's template: e-mail, phone, name, country, postcode; raw",
  async write(maker, rows) {
    const { draw } = maker;
    maker.text("Email,Phone,First Name,Last Name,Country,Zip\n");
    for (let row = 0; row < rows; row++) {
      const which = draw.below(10);
      if (which < 8) {
        const subject = maker.pick(EMAIL);
        if (draw.chance(150)) subject.spelling |= draw.chance(500) ? SPELLING.tag : SPELLING.upper;
        maker.rawCell(subject);
      }
      maker.text(",");
      if (which >= 6) {
        const subject = maker.pick(PHONE);
        subject.spelling = [SPELLING.asIs, SPELLING.spaced, SPELLING.dashed][draw.below(3)]!;
        maker.rawCell(subject);
      }
      maker.text(',"Mary","Smith, Jr.",US,94103');
      await maker.good();
    }
  },
};

const tiktokHashed: ListShape = {
  name: "tiktok-hashed",
  file: "tiktok-hashed.csv",
  scheme: "plain",
  hasHeader: true,
  shape: "TikTok's customer file: digests of e-mail addresses and phones, device ids as they are",
  async write(maker, rows) {
    maker.text("Email_SHA256,Phone_SHA256,MAID\n");
    for (let row = 0; row < rows; row++) {
      const which = maker.draw.below(20);
      if (which < 13) maker.digestCell(maker.pick(EMAIL));
      maker.text(",");
      if (which >= 9 && which < 19) maker.digestCell(maker.pick(PHONE), which === 10);
      maker.text(",");
      if (which === 12 || which === 19) maker.rawCell(maker.pick(MAID));
      await maker.good();
    }
  },
};

const phones: ListShape = {
  name: "phones",
  file: "phones.csv",
  scheme: "plain",
  region: "DE",
  hasHeader: true,
  shape: "phones as Germans write them at home, with 00 and with +; semicolons",
  async write(maker, rows) {
    const { draw } = maker;
    maker.text("phone;note\n");
    for (let row = 0; row < rows; row++) {
      const which = draw.below(10);
      if (which < 5) homeCell(maker);
      else if (which === 5) {
        const subject = maker.pickPhoneOf(COUNTRY_DE, COUNTRY_BR);
        subject.spelling = SPELLING.spaced;
        maker.enter(subject);
        maker.text("00");
        maker.out.put(maker.raw(subject), 1);
      } else maker.rawCell(maker.pick(PHONE));
      maker.text(draw.chance(300) ? ";Bestandskunde" : ";");
      await maker.good();
    }
  },
};

/** A German phone without its country code; whoever else was drawn keeps theirs. */
function homeCell(maker: ListMaker): void {
  const subject = maker.pickPhoneOf(COUNTRY_DE);
  if (maker.countryOf(subject) === COUNTRY_DE) maker.nationalCell(subject);
  else maker.rawCell(subject);
}

const externalIds: ListShape = {
  name: "extern-ids",
  file: "extern-ids.csv",
  scheme: "plain",
  hasHeader: true,
  shape: "the advertiser's own customer numbers, agreed with the platform",
  async write(maker, rows) {
    maker.text("extern_id\n");
    for (let row = 0; row < rows; row++) {
      maker.rawCell(maker.pick(EXTERNAL_ID));
      await maker.good();
    }
  },
};

const exclusions: ListShape = {
  name: "exclusions",
  file: "exclusions.csv.gz",
  scheme: "plain",
  hasHeader: true,
  shape: "people not to be reached: e-mail and phone, raw; gzip",
  async write(maker, rows) {
    maker.text("email,phone\n");
    for (let row = 0; row < rows; row++) {
      const which = maker.draw.below(10);
      if (which < 7) maker.rawCell(maker.pick(EMAIL));
      maker.text(",");
      if (which >= 6) maker.rawCell(maker.pick(PHONE));
      await maker.good();
    }
  },
};

const securityContacts: ListShape = {
  name: "security-contacts",
  file: "security-contacts.csv",
  scheme: "plain",
  hasHeader: true,
  shape: "contacts that people gave for nothing but the security of their account; raw",
  async write(maker, rows) {
    maker.text("email,phone\n");
    for (let row = 0; row < rows; row++) {
      const subject = maker.pickSecurityOnly();
      if (subject.kind === PHONE) maker.text(",");
      maker.rawCell(subject);
      if (subject.kind === EMAIL) maker.text(",");
      await maker.good();
    }
  },
};

/** For benches: the same people raw and as digests, without a header, nothing else. */
export const benchShapes: readonly ListShape[] = [
  {
    name: "hashed",
    file: "hashed.csv",
    scheme: "plain",
    hasHeader: false,
    shape: "one column of SHA-256 digests of e-mail addresses, no header",
    async write(maker, rows) {
      for (let row = 0; row < rows; row++) {
        maker.digestCell(maker.pick(EMAIL));
        await maker.good();
      }
    },
  },
  { ...xEmails, name: "raw", file: "raw.csv", scheme: "plain" },
];

/** All shapes but the dirty one, which has a file of its own. */
export const cleanShapes: readonly ListShape[] = [
  xEmails,
  xHashed,
  metaTemplate,
  metaHashed,
  googleTemplate,
  tiktokHashed,
  phones,
  externalIds,
  exclusions,
  securityContacts,
];
