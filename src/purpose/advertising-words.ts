/**
 * Words by which a text in some language mentions advertising.
 *
 * Small and open: the stems of a language a line, matched inside words, in lower case, with what they must not be part of.
 * A language that is not here never mentions it, so its notices for ads purposes need the approver's confirmation by name.
 */
const STEMS: Readonly<Record<string, readonly RegExp[]>> = {
  bg: [/реклам(?!аци)/u],
  cs: [/reklam(?!ac)/u, /inzer/u],
  da: [/reklame/u, /annonc/u],
  de: [/(?<!be)werbung/u, /(?<!ge)werbe(?!r)/u, /anzeige/u, /inserat/u],
  el: [/διαφημ/u, /διαφήμ/u],
  en: [/(?<!\p{L})advert/u, /(?<!\p{L})ads?(?!\p{L}| hoc)/u],
  es: [/publici/u, /anunci(?:o|ante)/u],
  fi: [/mainon/u, /maino(?:s|k)/u],
  fr: [/publici/u, /(?<!\p{L})pubs?(?!\p{L})/u, /(?<!\p{L})annonc(?:es?|eurs?)(?!\p{L})/u],
  hu: [/reklám/u, /hirdet/u],
  it: [/pubblicit/u, /annunci(?!\p{L})/u, /annuncio/u, /inserzion/u],
  ja: [/広告/u],
  ko: [/(?<!관)광고/u],
  nl: [/reclame(?!r)/u, /advert(?:en|ee)/u],
  pl: [/reklam(?!ac)/u, /ogłosze/u],
  pt: [/publicid/u, /publicit/u, /anúncio/u],
  ro: [/publicit/u, /reclam(?!aț|aţ)/u, /anun[țţ]/u],
  ru: [/реклам(?!аци)/u],
  sv: [/reklam(?!ation)/u, /annons/u],
  tr: [/reklam/u, /(?<!\p{L})ilan/u],
  uk: [/реклам(?!аці)/u],
  zh: [/广告/u, /廣告/u],
};

/** @param language BCP 47 tag; only its first part counts */
export function mentionsAdvertising(text: string, language: string): boolean {
  const tag = language.split("-")[0]!.toLowerCase();
  const stems = Object.hasOwn(STEMS, tag) ? STEMS[tag]! : [];
  const lower = text.normalize("NFC").toLowerCase();
  return stems.some((stem) => stem.test(lower));
}
