/**
 * Words by which a text in some language mentions advertising.
 *
 * Small and open: a stem a line, matched inside words, in lower case. A language that is not here never
 * mentions it, so its notices for ads purposes need the approver's confirmation by name.
 */
const STEMS: Readonly<Record<string, readonly RegExp[]>> = {
  bg: [/реклам/u],
  cs: [/reklam/u, /inzer/u],
  da: [/reklame/u, /annonc/u],
  de: [/werbung/u, /werbe/u, /anzeige/u, /inserat/u],
  el: [/διαφημ/u],
  en: [/\badvert/u, /\bads?\b/u],
  es: [/publici/u, /anuncio/u],
  fi: [/mainon/u, /mainos/u],
  fr: [/publici/u, /\bpubs?\b/u, /\bannonce/u],
  hu: [/reklám/u, /hirdet/u],
  it: [/pubblicit/u, /annunci/u, /inserzion/u],
  ja: [/広告/u],
  ko: [/광고/u],
  nl: [/reclame/u, /adverten/u],
  pl: [/reklam/u, /ogłosze/u],
  pt: [/publicid/u, /anúncio/u],
  ro: [/publicit/u, /reclam/u, /anunț/u],
  ru: [/реклам/u],
  sv: [/reklam/u, /annons/u],
  tr: [/reklam/u, /ilan/u],
  uk: [/реклам/u],
  zh: [/广告/u, /廣告/u],
};

/** @param language BCP 47 tag; only its first part counts */
export function mentionsAdvertising(text: string, language: string): boolean {
  const stems = STEMS[language.split("-")[0]!.toLowerCase()] ?? [];
  const lower = text.normalize("NFC").toLowerCase();
  return stems.some((stem) => stem.test(lower));
}
