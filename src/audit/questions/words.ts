/**
 * Words: how the names of columns and tables are read, in the languages that schemas are usually written in.
 *
 * A name is spelled as its words in lower case between underscores, without accents: `recoveryEMail2` is
 * `_recovery_e_mail_2_`. All that follows from a name is a guess, and is told as one.
 */
import type { Kind } from "../../contact/index.js";
import type { Purpose } from "../../purpose/index.js";

/** No database has longer names; of one that comes, the beginning is read. */
const READ_CHARACTERS = 300;

/** A name as its words. */
export function spelled(name: string): string {
  const words = name
    .slice(0, READ_CHARACTERS)
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFC")
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1_$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .toLowerCase()
    .replace(/(\p{L}{2})(\d)/gu, "$1_$2")
    .split(/[^\p{L}\p{N}]+/u);
  return `_${words.filter((word) => word !== "").join("_")}_`;
}

/** Spelled words, each of which may be several; as a regular expression between underscores. */
const words = (...of: readonly string[]): RegExp => new RegExp(`_(?:${of.join("|")})(?=_)`, "u");

/** What values of a kind are called. */
export const KIND_WORDS: readonly (readonly [Kind, RegExp])[] = [
  [
    "email",
    /e_?mail|_mail(?:s|_?(?:address|adresse?|addr)(?:es|n)?)?(?=_)|_correo|courriel|adresse_?mail|posta_?elettronica|_e_?posta?(?=_)|_epost_?adress|sahkoposti|_poczta|メール|邮箱|郵箱|邮件|이메일|почт/u,
  ],
  [
    "phone",
    /(?<!micro|head|ear|mega|smart|_i|_i_)phone|_tel(?:_?(?:nr|no|num|number|nummer))?(?=_)|telefon|telefoo?n|telephone|rufnummer|_handy|mobiltel|_mobiel|_mobil(?:e|nr|nummer)?(?=_)|_mobile_?(?:nr|no|num|number)|_movil|celular|_cell(?:ulare)?(?:_?(?:nr|no|num|number))?(?=_)|msisdn|whats_?app|_gsm|_sms(?:_?(?:nr|no|num|number))?(?=_)|_fax|puhelin|_tlf|_tfn|komorka|手机|手機|电话|電話|携帯|전화|телефон/u,
  ],
  ["maid", words("maid", "idfa", "idfv", "gaid", "aaid", "adid", "advertising_id", "ad_id_device", "device_ad_id")],
  ["handle", words("handle", "screen_name", "twitter", "instagram", "telegram(?:_(?:user|name|id))?")],
];

/** What follows the word for a contact where it is no contact, but something about one. */
export const ABOUT_A_CONTACT = words(
  ...[
    "templates?",
    "subject",
    "asunto",
    "assunto",
    "betreff",
    "objet",
    "oggetto",
    "onderwerp",
    "body",
    "content",
    "count",
    "num",
    "total",
    "sent",
    "opened",
    "clicked",
    "bounced?",
  ],
  ...["opt", "optin", "optout", "consent", "enabled", "disabled", "valid", "status", "state", "type", "types", "kind"],
  ...["verified", "confirmed", "provider", "domain", "frequency", "preferences?", "prefs?", "notifications?", "alerts"],
  ...["flag", "prefix", "country", "cc", "ext", "extension", "carrier", "operator", "model", "brand", "os", "platform"],
  ...["device", "version", "app", "language", "locale", "token", "code", "otp", "secret", "password", "campaigns?"],
  ...["digest_frequency", "format", "label", "at", "date", "time", "ts", "on", "queue", "log", "error", "reason"],
  ...["source", "channel", "allowed", "permission", "subscription", "subscribed", "unsubscribed", "newsletter"],
  ...["url", "link", "user", "page", "views?", "client", "image", "screen", "width", "tower"],
);

/** What a column begins with that is no contact. */
export const ASKED_OF_A_CONTACT =
  /^_(?:is|has|had|can|may|allows?|sends?|receives?|enabled?|wants?|num|number_of|count|total|nb|uses?|show|skip|requires?|accepts?|gets?)_/u;

/** Columns that hold a value where the table's name says of what. */
export const GENERIC_VALUE =
  /^_(?:address|adresse|addr|value|wert|valor|valeur|valore|number|nr|no|num|numero|nummer|identifier|destination|target|contact|contact_(?:value|info|point)|kontakt|hash|hashed|sha_256|value_(?:hash|normali[sz]ed|encrypted)|(?:to|from|recipient|sender)(?:_(?:address|number))?)_$/u;

/** Tables whose contacts are told apart by a column. */
export const CONTACT_TABLE =
  /_contact_?(?:points?|methods?|details?|info|information|channels?|data)_|_contacts_$|_(?:user|account|customer|member)_contacts?_|_identifiers?_|_kontakt(?:e|daten|punkte|wege)_|_contactos?_|_contatti_|_coordonnees_/u;
export const KIND_COLUMN =
  /^_(?:(?:contact|identifier|address|value|channel)_)?(?:type|kind|channel|method|medium|art|typ|tipo|identifier_name)_$/u;

/** What a contact looks as if given for. */
export const SECURITY_WORDS: readonly (readonly [Purpose, RegExp])[] = [
  [
    "security.mfa",
    /_two_?factor|_(?:2fa|tfa|mfa|otp|2_?sv|two_step|second_factor)_|_2_fa_|authenticator|_zwei_?faktor|doble_?factor|double_?facteur|_due_?fattori|_login_verification_/u,
  ],
  [
    "security.recovery",
    /recover|_rescue_|_(?:password|pw|pwd|passwort)_?(?:reset|forgot)|_forgot(?:ten)?_password|_alternate?(?:ive)?_|_secondary_|wiederherstell|recuperac|recuperation|_secours_|recupero|_herstel_/u,
  ],
  [
    "security.unlock",
    /_unlock|_challenges?_|_re_?auth|_account_lock|_lock(?:ed|out)_|_bot_check_|_captcha|entsperr|desbloque|deverrouill|_suspicious_/u,
  ],
  [
    "security.login-alert",
    /_(?:login|log_in|signin|sign_in|security|device)_(?:alerts?|notifications?|notices?|warnings?)_/u,
  ],
];
/** In a column's name only: a table's backup is a copy. */
export const BACKUP_COLUMN = words("backup", "back_up", "reserva", "ersatz");
export const SOME_SECURITY = words(
  "security",
  "sicherheit",
  "seguridad",
  "seguranca",
  "securite",
  "sicurezza",
  "trust",
);

const HOLDER =
  "users?|accounts?|acct|members?|customers?|cust|clients?|subscribers?|subscriber|persons?|people|profiles?|players?|readers?|owners?|buyers?|patients?|kunden?|konto|mitglied(?:er)?|nutzer|benutzer|abonnenten?|leser|usuarios?|clientes?|utilisateurs?|abonnes?|utenti|utente|clienti|uzytkownik|klient|gebruikers?|klanten?|anvandare|kayttaja";
/** Columns that name the account. */
export const ACCOUNT_COLUMN = new RegExp(
  `^_(?:(?:${HOLDER})_?(?:id|ids|no|nr|num|number|nummer|key|uuid|guid|uid|pk|fk|sk|ref|code)|uid|userid|account|user|id_?(?:${HOLDER})|cod_?(?:${HOLDER}))_$`,
  "u",
);
/** Tables with one row an account. */
export const ACCOUNT_TABLE = new RegExp(`_(?:${HOLDER})_(?:(?:entity|entities|tbl|table|master|base|dim)_)?$`, "u");
export const OWN_ID = /^_(?:id|uuid|guid|pk|entity_id)_$/u;
export const COUNTRY_COLUMN =
  /^_(?:country(?:_?code|_iso(?:_?2)?)?|iso_?country|land|laender_?code|landkod|pays|pais|paese|kraj)_(?:2_)?$/u;

/** Ends of a contact's name that say how it is written. */
export const VALUE_ENDING =
  /_(?:address|adresse?|addr|number|nummer|nr|no|num|hash|hashed|sha_256|normali[sz]ed|canonical|e_?164|value)_$/u;
/** Ends of a time's name. */
export const TIME_ENDING = /(?:_[^_]+)?_(?:at|on|date|time|ts|timestamp)_$/u;

/** Tables of anything: a column names what the one beside it holds. */
export const ANY_KEY = /^_(?:[^_]+_)?(?:key|field|attribute|attribute_(?:id|name|code)|property|setting)_$/u;
export const ANY_VALUE = /^_(?:[^_]+_)?value_$/u;

/** When it was given, the surest first. */
export const GIVEN_AT: readonly RegExp[] = [
  /_(?:given|provided|uploaded|imported|submitted|collected|captured|entered|added|enrolled|opted_in|optin|subscribed)_/u,
  /_(?:signup|sign_up|signed_up|registered|registration|joined|registriert|angemeldet|inscription|alta|cadastro)_/u,
  /_(?:created?|creation|inserted?|angelegt|erstellt|cree|creado|criado|creato|skapad|opprettet|utworzono|creation_date)_/u,
];
export const VERIFIED_AT =
  /_(?:verified|verification|confirmed|confirmation|validated|verifiziert|bestaetigt|bestatigt)_/u;
export const UPDATED_AT =
  /_(?:updated?|modified|changed|last_change|geaendert|geandert|modifie|actualizado|atualizado)_/u;
/** A time by its name, where its type does not say so. */
export const TIME_NAME =
  /_(?:at|on|date|time|ts|timestamp|datetime|datum|zeit|fecha|data|day|utc|since|seit|joined)_$/u;

/** Columns that say where a contact came from. */
export const SURFACE_COLUMN =
  /_(?:surface|source|form|screen|origin|channel|flow|entry_?point|touch_?point|page|quelle|herkunft|formular|origen|origem|origine|fuente|fonte|provenance|via|reason|purpose|context|zweck)_$/u;
/** Columns that name the text that was seen. */
export const NOTICE_COLUMN =
  /_(?:notice|consent|terms|policy|tos|legal|disclosure|agreement)_(?:text_|version_|notice_|policy_)?(?:id|version|key|ref)_$|^_notice_$/u;

/** Tables by what they look like. */
export const ADS =
  /_ads?_|advert|_(?:tailored|custom|partner|matched)_(?:audiences?|lists?)_|audience|_match(?:es|ed|ing)?_|remarket|retarget|_targeting_|lookalike|zielgruppe|werbe|publici|_dmp_|_segments?_|_crm_(?:audience|match)|onboarding_match/u;
export const LIST_TABLE =
  /_(?:lists?|audiences?)_|_uploads?_|zielgruppe|_advertisers?_|werbekunde|annonceur|anunciante/u;
export const SHOWING_TABLE =
  /impression|_showings?_|_exposures?_|_ad_?(?:views?|deliver(?:y|ies)|serv(?:es|ed|ings?)|shows?|clicks?|events?)_|_deliver(?:y|ies)_log|einblendung|_affichages?_|impresion|impressao/u;
export const EVENT_TABLE =
  /consent|unsub|opt_?outs?_|_optouts?_|withdraw|revo(?:ke|cation)|erasure|_delet(?:ed|ions?|e)_(?:user|account|member|customer|request)|_(?:account|user|member|customer)_delet|_gdpr_|_dsgvo_|_rgpd_|_lgpd_|_ccpa_|_dsa?r_|_privacy_requests?_|suppress|_do_not_|_dnc_|widerr?uf|einwillig|abmeld|lo(?:e)?schung|_baja_|desinscri|objection|_forget|_recycled_|_reassigned_|_disown|_robinson/u;
export const ERASURE = /erasure|delet|gdpr|dsgvo|rgpd|lgpd|_dsa?r_|lo(?:e)?schung|forget/u;
export const DISOWNED = /_recycled_|_reassigned_|_disown/u;
export const NOTICE_TABLE =
  /_(?:consent|legal|privacy|policy|terms|notice|disclosure|opt_?in)_(?:texts?|versions?|documents?|notices?|copy)_|_notices_|_(?:terms|policies|agreements|disclosures)_$|_einwilligungstexte?_|_forms?_|_surfaces?_|_formulare?_/u;
export const TEXT_COLUMN = /_(?:text|body|content|html|markdown|wording|copy|wortlaut|texte|texto|testo)_/u;
export const JOB_TABLE =
  /_(?:jobs?|syncs?|exports?|pipelines?|etl|cron|feeds?|batch(?:es)?|connectors?|webhooks?|integrations?|destinations?|schedules?|dags?|imports?)(?:_(?:runs?|jobs?|logs?|history|tasks?|configs?|instances?))?_$/u;
export const COPY =
  /_(?:dwh|warehouse|staging|stg|analytics|marts?|bi|backups?|bak|cop(?:y|ies)|archives?|archived|snapshots?|tmp|temp|old|lake|raw|replica|export|sicherung|kopie)_/u;
export const HISTORY =
  /_(?:history|histories|changes|versions|audit|log|historie|verlauf|historique|historial|storico)_/u;
/** Contacts that somebody else gave. */
export const ADDRESS_BOOK =
  /address_?books?|phone_?books?|_contacts?_(?:uploads?|imports?|sync)|_(?:uploaded|imported|synced|device)_contacts?_|_friends?_|_invit(?:e|es|ed|ation|ations)_|_referrals?_|adressbuch|_agenda_|carnet_d|rubrica/u;
/** Columns of an address book that name whose contact it is. */
export const WHOSE_COLUMN =
  /_(?:contact|friend|matched|invited|invitee|target|resolved|owner_of_contact)_(?:user|account|member)_?id_$/u;

/** Columns of the matching's past. */
export const ADVERTISER_COLUMN =
  /_(?:advertiser|ad_?account|brand|partner|werbekunde|annonceur|anunciante|inserzionista)(?:_?(?:id|no|nr|key|name|uuid|ref))?_$/u;
export const LIST_COLUMN =
  /_(?:list|audience|segment|zielgruppe|custom_?audience|tailored_?audience|upload|cohort)(?:_?(?:id|no|nr|key|name|uuid|ref))?_$/u;
export const CAMPAIGN_COLUMN =
  /_(?:campaign|kampagne|campagne|campana|campanha|line_?item|flight)(?:_?(?:id|no|nr|key|name|uuid|ref))?_$/u;
export const MATCHED_AT =
  /_(?:matched|added|joined|entered|created|inserted|processed|start|from|valid_from|day|date)_/u;
export const LEFT_AT = /_(?:left|removed|exited|expired|expires|ended|end|until|to|valid_to|valid_until|deleted)_/u;
export const MATCH_KIND_COLUMN =
  /_(?:match(?:ed)?(?:_?key)?|identifier|id|key|contact)_(?:type|kind)_$|_match(?:ed)?_(?:on|by|key|via|field)_$/u;
export const MATCH_RUN_COLUMN = /_(?:match|run|job|batch|upload)_?(?:id|run_id|no|uuid)_$/u;
export const MATCH_VALUE_COLUMN = /_(?:match(?:ed)?_)?(?:identifier|value|hash|hashed_(?:email|phone|id))_$/u;
