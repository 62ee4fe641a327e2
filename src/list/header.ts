/**
 * Header names: which identifier a column holds, by the names in the platforms' own upload templates.
 *
 * Names are compared without case, blanks, underscores, dashes, dots, parentheses and quotes; a mark of
 * hashing ("_sha256", "hashed_") and a number at the end ("email2", "phone.1") make no difference, since every
 * cell may hold a value or its digest. A name that is not here is not known.
 */
import type { Kind } from "../contact/index.js";

/** What a column of a known name is for: an identifier, the country of the row's phones, or nothing here. */
export type ColumnUse = Kind | "country" | "unused";

/**
 * Sources:
 * - Meta, customer list template and `payload.schema` (developers.facebook.com/docs/marketing-api/audiences/guides/
 *   custom-audiences), Conversions API keys (…/conversions-api/parameters/customer-information-parameters)
 * - Google, Customer Match template (support.google.com/google-ads/answer/7659867)
 * - TikTok, customer file (ads.tiktok.com/help/article/custom-audience-customer-file)
 * - X, user data (developer.x.com/en/docs/x-ads-api/audiences/overview/user-data)
 * - LinkedIn, contact list template (linkedin.com/help/lms/answer/a420577); others of the same pattern
 */
const IDENTIFIERS: Readonly<Record<Kind, string>> = {
  email: "email emails mail em emailaddress useremail customeremail",
  phone: "phone phones phonenumber phonenumbers mobile mobilephone mobilenumber cell cellphone tel telephone ph msisdn",
  maid:
    "madid maid maids mobileadvertiserid mobileadvertisingid mobileadid mobiledeviceid deviceid deviceids advertisingid " +
    "idfa gaid aaid idfaorgaid googleaid appleidfa",
  user_id: "uid userid twitterid xid appuid",
  handle: "handle handles username screenname twitterhandle",
  external_id: "externid externalid partneruserid customerid crmid",
};

/** Names whose columns are for other ways of matching, or for bids. */
const UNUSED =
  "fn ln fi firstname lastname name fullname surname zip zipcode postcode postalcode pc ct city st state region province " +
  "address street streetaddress gen ge gender dob db doby dobm dobd dateofbirth birthday birthdate yearofbirth age " +
  "value lookalikevalue ltv customervalue currency pageuid company employeecompany jobtitle title clientuseragent";

const COUNTRY = "country countrycode";

const USES: ReadonlyMap<string, ColumnUse> = new Map<string, ColumnUse>([
  ...UNUSED.split(" ").map((name) => [name, "unused"] as const),
  ...COUNTRY.split(" ").map((name) => [name, "country"] as const),
  ...entries("email"),
  ...entries("phone"),
  ...entries("maid"),
  ...entries("user_id"),
  ...entries("handle"),
  ...entries("external_id"),
]);

function entries(kind: Kind): (readonly [string, ColumnUse])[] {
  return IDENTIFIERS[kind].split(" ").map((name) => [name, kind] as const);
}

/** Names that a message shows as examples of what is known. */
export const HEADER_EXAMPLES = [
  "email",
  "phone",
  "madid",
  "user_id",
  "handle",
  "extern_id",
  "email_sha256",
  "phone_sha256",
  "maid_sha256",
] as const;

const MEANINGLESS = /[\s_\-.()"'\u200b\ufeff]/g;
const HASHED = /sha256|sha2|hashed|hash/g;
/** Digests that no index has. */
const OTHER_DIGEST = /md5|sha1|sha512/;
const NUMBER_AT_END = /\d{1,2}$/;

/**
 * What a column of this name is for; undefined for a name that is not known.
 *
 * @example columnUse("Hashed E-Mail 2") // "email"
 */
export function columnUse(name: string): ColumnUse | undefined {
  const folded = name.toLowerCase().replace(MEANINGLESS, "");
  const known = USES.get(folded);
  if (known !== undefined) return known;
  if (OTHER_DIGEST.test(folded)) return useOf(folded.replace(OTHER_DIGEST, "")) === undefined ? undefined : "unused";
  return useOf(folded.replace(HASHED, ""));
}

function useOf(folded: string): ColumnUse | undefined {
  return USES.get(folded) ?? USES.get(folded.replace(NUMBER_AT_END, ""));
}
