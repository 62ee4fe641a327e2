/** What is guessed from names, on schemas as platforms have them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NEWSPAPER, SHOP, SOCIAL_NETWORK } from "../../../test/platform-schemas.js";
import { guessTables, type TableGuess } from "./guess.js";
import type { SchemaTable } from "./schema.js";
import { spelled } from "./words.js";

const rolesIn = (tables: readonly SchemaTable[]) =>
  Object.fromEntries(
    guessTables(tables).map(({ table, roles }) => [table.name, roles.map(({ role }) => role).join(" ")]),
  );
const contactsIn = (tables: readonly SchemaTable[]) =>
  guessTables(tables).flatMap(({ table, contacts }) =>
    contacts.map(({ column, kind, kindColumn, security }) =>
      [`${table.name}.${column}`, kind ?? `by ${kindColumn}`, ...(security === undefined ? [] : [security])].join(" "),
    ),
  );
const guessOf = (tables: readonly SchemaTable[], name: string): TableGuess =>
  guessTables(tables).find(({ table }) => table.name === name)!;
const columns = (...names: string[]): SchemaTable => ({
  schema: "",
  name: "t",
  columns: names.map((name) => ({ name: name.split(" ")[0]!, type: name.split(" ")[1] ?? "text" })),
});

test("a social network's tables get the roles that they have", () => {
  assert.deepEqual(rolesIn(SOCIAL_NETWORK), {
    users: "contacts accounts",
    account_recovery: "contacts",
    two_factor_enrollments: "contacts",
    account_unlock_challenges: "contacts",
    login_alert_settings: "contacts",
    contact_points: "contacts",
    address_book_uploads: "contacts",
    advertisers: "lists",
    tailored_audiences: "lists",
    tailored_audience_members: "matches",
    audience_upload_rows: "lists",
    ad_impressions: "showings",
    email_unsubscribes: "events",
    account_deletions: "events",
    consent_texts: "notices",
    partner_export_jobs: "jobs",
    tweets: "",
    hotel_deals: "",
    device_sessions: "",
    users_daily: "contacts",
  });
});

test("its security contacts are told from the others, by the names of columns and of tables", () => {
  assert.deepEqual(
    contactsIn(SOCIAL_NETWORK).filter((contact) => contact.includes("security")),
    [
      "account_recovery.recovery_email email security.recovery",
      "account_recovery.recovery_phone phone security.recovery",
      "two_factor_enrollments.phone phone security.mfa",
      "account_unlock_challenges.destination by undefined security.unlock",
      "login_alert_settings.alert_email email security.login-alert",
    ],
  );
  const users = guessOf(SOCIAL_NETWORK, "users");
  assert.deepEqual(
    users.contacts.map(({ column, security }) => [column, security]),
    [
      ["screen_name", undefined],
      ["email", undefined],
      ["phone_number", undefined],
    ],
  );
});

test("times go to the contact that they are called after, else to the row", () => {
  const times = (name: string) =>
    guessOf(SOCIAL_NETWORK, name).contacts.map(({ column, givenAt, isGivenAtOwn, verifiedAt }) => [
      ...[column, givenAt, isGivenAtOwn, verifiedAt],
    ]);
  assert.deepEqual(times("account_recovery"), [
    ["recovery_email", "recovery_email_added_at", true, undefined],
    ["recovery_phone", undefined, false, undefined],
  ]);
  assert.deepEqual(times("users"), [
    ["screen_name", "created_at", false, undefined],
    ["email", "created_at", false, "email_verified_at"],
    // phone_verified is a boolean: it says that, and not when.
    ["phone_number", "created_at", false, undefined],
  ]);
});

test("what is beside the contacts is found: account, surface, kind, copies, who gave it, what may hold anything", () => {
  const points = guessOf(SOCIAL_NETWORK, "contact_points");
  assert.deepEqual(
    [points.columns.account, points.columns.surface, points.contacts[0]?.kindColumn],
    ["account_id", "source", "type"],
  );
  const book = guessOf(SOCIAL_NETWORK, "address_book_uploads");
  assert.deepEqual([book.isAddressBook, book.columns.account, book.columns.givenBy], [true, undefined, "user_id"]);
  assert.equal(guessOf(SOCIAL_NETWORK, "users_daily").isCopy, true);
  assert.equal(guessOf(SOCIAL_NETWORK, "users").isCopy, false);
  assert.deepEqual(guessOf(SOCIAL_NETWORK, "device_sessions").opaque, ["payload"]);
  const matches = guessOf(SOCIAL_NETWORK, "tailored_audience_members").columns;
  assert.deepEqual(
    [matches.list, matches.account, matches.matchedAt, matches.leftAt, matches.matchKind],
    [...["audience_id", "user_id", "matched_at", "removed_at", "match_key_type"]],
  );
});

test("a German shop in camel case is read", () => {
  assert.deepEqual(contactsIn(SHOP), [
    "Kunden.EMailAdresse email",
    "Kunden.Telefonnummer phone",
    "Kunden.Mobil phone",
    "Lieferadressen.TelefonFuerRueckfragen phone",
    "NewsletterAnmeldungen.Email email",
    "PasswortResets.Email email security.recovery",
  ]);
  assert.deepEqual(rolesIn(SHOP), {
    Kunden: "contacts accounts",
    Lieferadressen: "contacts",
    NewsletterAnmeldungen: "contacts",
    NewsletterAbmeldungen: "events",
    PasswortResets: "contacts",
    Bestellungen: "",
    Artikel: "",
    EmailVorlagen: "",
    Zielgruppen_Abgleich: "matches",
  });
  assert.equal(guessOf(SHOP, "Kunden").columns.account, "KundenNr");
  assert.equal(guessOf(SHOP, "NewsletterAnmeldungen").contacts[0]?.verifiedAt, "BestaetigtAm");
});

test("a newspaper in French and Spanish is read", () => {
  assert.deepEqual(contactsIn(NEWSPAPER), [
    "abonnes.courriel email",
    "abonnes.telephone_portable phone",
    "lecteurs_contacts.valeur by type",
    "historique_courriels.courriel email",
    "suscriptores.correo_electronico email",
    "suscriptores.movil phone",
  ]);
  assert.equal(guessOf(NEWSPAPER, "historique_courriels").isHistory, true);
  assert.equal(rolesIn(NEWSPAPER).desinscriptions, "events");
});

test("names in more languages, forms and scripts are contacts", () => {
  const email = [
    "email",
    "e-mail",
    "E_MAIL_ADDR",
    "userEmail",
    "EMAILADDRESS",
    "mail",
    "eposta",
    "epost",
    "sahkoposti",
    "posta_elettronica",
    "メールアドレス",
    "电子邮件",
    "이메일",
    "email2",
    "email_hash",
    "email_sha256",
    "backup_email",
    "alternateEmail",
  ];
  const phone = [
    "phone",
    "Phone1",
    "telephone",
    "téléphone",
    "tel",
    "TEL_NR",
    "telefone",
    "telefoonnummer",
    "mobile",
    "mobile_no",
    "MobileNumber",
    "móvil",
    "celular",
    "cell_phone",
    "msisdn",
    "whatsapp",
    "puhelin",
    "手机号",
    "電話番号",
    "телефон",
    "sms_number",
    "phone_e164",
  ];
  for (const [kind, names] of Object.entries({ email, phone, maid: ["idfa", "gaid", "advertising_id"] })) {
    for (const name of names) assert.equal(guessTables([columns(name)])[0]?.contacts[0]?.kind, kind, name);
  }
  assert.equal(guessTables([columns("msisdn bigint")])[0]?.contacts[0]?.kind, "phone");
});

test("what is only about a contact, or looks like one, is none", () => {
  const names = [
    ...["email_template", "email_subject", "emails_sent integer", "email_opt_in", "is_email", "email_verified boolean"],
    ...["email_verified_at", "email_id bigint", "email_count", "phone_model", "iphone_model", "microphone", "hotel_id"],
    ...["phone_country", "send_email", "mobile_app_version", "email_preferences", "phone_id uuid", "last_email_sent"],
    ...["title", "amount", "headphones", "email_domain", "sms_consent", "tel_verified_on", "email_settings jsonb"],
  ];
  for (const name of names) assert.deepEqual(guessTables([columns(name)])[0]?.contacts, [], name);
});

test("one column is never both the kind and the surface", () => {
  const table = { ...columns("user_id bigint", "channel", "value", "origin"), name: "contact_methods" };
  const [guess] = guessTables([table]);
  assert.deepEqual([guess?.contacts[0]?.kindColumn, guess?.columns.surface], ["channel", "origin"]);
});

test("in a table of keys and values, the values may be anything", () => {
  const [meta] = guessTables([columns("user_id bigint", "meta_key", "meta_value")]);
  assert.deepEqual(meta?.opaque, ["meta_value"]);
  assert.deepEqual(guessTables([columns("id", "value")])[0]?.opaque, []);
});

test("a name is spelled as its words", () => {
  for (const [name, words] of Object.entries({
    recoveryEMail2: "_recovery_e_mail_2_",
    "Kunden-Nr.": "_kunden_nr_",
    HTTPServerURL: "_http_server_url_",
    "2fa_phone": "_2fa_phone_",
    "": "__",
    "<>'\"": "__",
  }))
    assert.equal(spelled(name), words, name);
});
