/** Schemas of three platforms as such platforms have them, written by hand: what an audit's first look is tried on. */
import type { SchemaTable } from "../src/audit/index.js";

/** Tables as `name: column type, column type`, a line each; a schema stands in brackets before those in it. */
function schemaOf(text: string): SchemaTable[] {
  let schema = "public";
  return text
    .trim()
    .split("\n")
    .flatMap((line) => {
      const bracketed = /^\s*\[(\w+)\]$/.exec(line)?.[1];
      if (bracketed !== undefined) {
        schema = bracketed;
        return [];
      }
      const [name = "", columns = ""] = line.trim().split(": ");
      const named = columns.split(", ").map((column) => {
        const [of = "", ...type] = column.split(" ");
        return { name: of, type: type.join(" ") };
      });
      return [{ schema, name, columns: named }];
    });
}

/** As that of 2019 may have been: one table of contacts for the account, and security contacts beside it. */
export const SOCIAL_NETWORK = schemaOf(`
[public]
users: id bigint, screen_name text, email text, email_verified_at timestamp with time zone, phone_number text, phone_verified boolean, country_code character(2), created_at timestamp with time zone, updated_at timestamp with time zone
account_recovery: user_id bigint, recovery_email text, recovery_email_added_at timestamp with time zone, recovery_phone text, prompt_source text
two_factor_enrollments: user_id bigint, method text, phone text, secret text, enrolled_at timestamp with time zone, verified_at timestamp with time zone
account_unlock_challenges: id bigint, user_id bigint, challenge_type text, destination text, created_at timestamp with time zone, solved_at timestamp with time zone
login_alert_settings: user_id bigint, alert_email text, email_alerts boolean, push_enabled boolean
contact_points: contact_id bigint, account_id bigint, type text, value text, source text, created_at timestamp with time zone
address_book_uploads: uploader_id bigint, user_id bigint, contact_email text, contact_phone text, uploaded_at timestamp with time zone
advertisers: id bigint, company text, billing_email text
tailored_audiences: audience_id bigint, advertiser_id bigint, name text, created_at timestamp with time zone
tailored_audience_members: audience_id bigint, user_id bigint, match_key_type text, matched_at timestamp with time zone, removed_at timestamp with time zone
audience_upload_rows: upload_id bigint, hashed_email text, hashed_phone text
ad_impressions: user_id bigint, campaign_id bigint, audience_id bigint, advertiser_id bigint, shown_at timestamp with time zone
email_unsubscribes: user_id bigint, email text, unsubscribed_at timestamp with time zone
account_deletions: user_id bigint, requested_at timestamp with time zone
consent_texts: consent_id bigint, language text, body text, valid_from date
partner_export_jobs: id bigint, query text, target text, started_at timestamp with time zone
tweets: id bigint, author_id bigint, text text, created_at timestamp with time zone
hotel_deals: id bigint, hotel_name text, emails_sent integer
device_sessions: session_id uuid, user_id bigint, iphone_model text, mobile_app_version text, payload jsonb
[dwh]
users_daily: user_id bigint, email_sha256 text, phone_sha256 text, load_date date
`);

/** A shop, in German and camel case, on SQL Server. */
export const SHOP = schemaOf(`
[dbo]
Kunden: KundenNr int, Vorname nvarchar, EMailAdresse nvarchar, Telefonnummer nvarchar, Mobil nvarchar, Land nchar, AngelegtAm datetime2, GeaendertAm datetime2
Lieferadressen: LieferadresseId int, KundenNr int, Strasse nvarchar, TelefonFuerRueckfragen nvarchar
NewsletterAnmeldungen: Id int, Email nvarchar, Formular nvarchar, AngemeldetAm datetime2, BestaetigtAm datetime2
NewsletterAbmeldungen: Id int, KundenNr int, Zeitpunkt datetime2
PasswortResets: KundenNr int, Email nvarchar, ErstelltAm datetime2, Token nvarchar
Bestellungen: BestellNr int, KundenNr int, Summe decimal, Datum date
Artikel: ArtikelNr int, Bezeichnung nvarchar, Preis decimal
EmailVorlagen: Id int, EmailTemplate nvarchar, EmailSubject nvarchar
Zielgruppen_Abgleich: KundenNr int, ZielgruppeId int, Werbekunde nvarchar, Datum datetime2
`);

/** A newspaper, in French and Spanish words, with readers and their subscriptions. */
export const NEWSPAPER = schemaOf(`
[abonnements]
abonnes: id_abonne integer, courriel varchar(255), telephone_portable varchar(20), pays char(2), date_inscription date
lecteurs_contacts: abonne_id integer, type varchar(20), valeur varchar(255), origine varchar(40), cree_le timestamp
historique_courriels: abonne_id integer, courriel varchar(255), modifie_le timestamp
desinscriptions: abonne_id integer, date timestamp
articles: id integer, titre text, corps text
[boletin]
suscriptores: usuario_id integer, correo_electronico text, movil text, fecha_alta timestamp
correos_enviados: id integer, correo_asunto text, total_correos integer
`);

/** A schema as a CSV export of `information_schema.columns`. */
export function columnsCsv(tables: readonly SchemaTable[]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = tables.flatMap(({ schema, name, columns }) =>
    columns.map((column) => [schema, name, column.name, column.type].map(cell).join(",")),
  );
  return `${["TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,DATA_TYPE", ...rows].join("\n")}\n`;
}
