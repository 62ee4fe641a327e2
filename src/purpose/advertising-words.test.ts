import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mentionsAdvertising } from "./advertising-words.js";

/** By language: sentences of notices that mention advertising, and one that does not. */
const SENTENCES: Readonly<Record<string, { mentions: readonly string[]; not: string }>> = {
  bg: {
    mentions: ["Използваме имейла ви, за да ви показваме реклами."],
    not: "Използваме телефона ви само за да защитим профила ви.",
  },
  cs: {
    mentions: ["Váš e-mail používáme k zobrazování reklam.", "Váš e-mail používáme k cílení inzerce."],
    not: "Vaše telefonní číslo používáme jen k zabezpečení vašeho účtu.",
  },
  da: {
    mentions: ["Vi bruger din e-mail til at vise dig reklamer.", "Vi viser dig annoncer, der passer til dig."],
    not: "Vi bruger kun dit telefonnummer til at beskytte din konto.",
  },
  de: {
    mentions: [
      "Wir nutzen Ihre E-Mail-Adresse für Werbung.",
      "Wir zeigen Ihnen passende Anzeigen.",
      "Ihre Adresse geht an unsere Werbepartner.",
      "Wir schalten Inserate für Sie.",
    ],
    not: "Wir nutzen Ihre Telefonnummer nur, um Ihr Konto zu schützen.",
  },
  el: {
    mentions: ["Χρησιμοποιούμε το email σας για να σας δείχνουμε διαφημίσεις."],
    not: "Χρησιμοποιούμε τον αριθμό σας μόνο για την ασφάλεια του λογαριασμού σας.",
  },
  en: {
    mentions: [
      "We use your e-mail address to show you ads.",
      "We use it to choose which ad you see.",
      "Advertisers may reach you with it.",
      "We use your phone number for advertising.",
    ],
    not: "We use your phone number only to help you get back into your account.",
  },
  es: {
    mentions: ["Usamos tu correo para mostrarte publicidad.", "Usamos tu correo para elegir qué anuncios ves."],
    not: "Usamos tu teléfono solo para proteger tu cuenta.",
  },
  fi: {
    mentions: ["Käytämme sähköpostiasi mainonnan kohdentamiseen.", "Käytämme osoitettasi, jotta mainos sopii sinulle."],
    not: "Käytämme puhelinnumeroasi vain tilisi suojaamiseen.",
  },
  fr: {
    mentions: [
      "Nous utilisons votre e-mail pour vous montrer des publicités.",
      "Votre adresse sert à choisir la pub que vous voyez.",
      "Nous vous montrons des annonces adaptées.",
    ],
    not: "Nous utilisons votre numéro uniquement pour protéger votre compte.",
  },
  hu: {
    mentions: ["Az e-mail-címét reklámok megjelenítésére használjuk.", "Személyre szabott hirdetéseket mutatunk."],
    not: "A telefonszámát csak a fiókja védelmére használjuk.",
  },
  it: {
    mentions: [
      "Usiamo la tua e-mail per mostrarti pubblicità.",
      "Usiamo la tua e-mail per scegliere gli annunci.",
      "La tua e-mail serve a mostrarti inserzioni.",
    ],
    not: "Usiamo il tuo numero solo per proteggere il tuo account.",
  },
  ja: {
    mentions: ["メールアドレスは広告の表示に使用します。"],
    not: "電話番号はアカウントの保護にのみ使用します。",
  },
  ko: {
    mentions: ["이메일은 광고를 보여 드리는 데 사용됩니다."],
    not: "전화번호는 계정 보호에만 사용됩니다.",
  },
  nl: {
    mentions: ["We gebruiken uw e-mailadres om u advertenties te tonen.", "We tonen u reclame die bij u past."],
    not: "We gebruiken uw telefoonnummer alleen om uw account te beveiligen.",
  },
  pl: {
    mentions: ["Używamy Twojego adresu e-mail do wyświetlania reklam.", "Dobieramy dla Ciebie ogłoszenia."],
    not: "Używamy Twojego numeru telefonu tylko do ochrony konta.",
  },
  pt: {
    mentions: ["Usamos seu e-mail para mostrar anúncios.", "Usamos seu e-mail para publicidade."],
    not: "Usamos seu telefone apenas para proteger sua conta.",
  },
  ro: {
    mentions: [
      "Folosim adresa de e-mail pentru a vă afișa reclame.",
      "Vă arătăm anunțuri.",
      "O folosim în publicitate.",
    ],
    not: "Folosim numărul de telefon doar pentru a vă proteja contul.",
  },
  ru: {
    mentions: ["Мы используем ваш адрес, чтобы показывать вам рекламу."],
    not: "Мы используем ваш номер только для защиты аккаунта.",
  },
  sv: {
    mentions: ["Vi använder din e-postadress för att visa annonser.", "Vi visar dig reklam."],
    not: "Vi använder ditt telefonnummer bara för att skydda ditt konto.",
  },
  tr: {
    mentions: ["E-posta adresinizi size reklam göstermek için kullanırız.", "Size uygun ilanlar gösteririz."],
    not: "Telefon numaranızı yalnızca hesabınızı korumak için kullanırız.",
  },
  uk: {
    mentions: ["Ми використовуємо вашу адресу, щоб показувати вам рекламу."],
    not: "Ми використовуємо ваш номер лише для захисту облікового запису.",
  },
  zh: {
    mentions: ["我们使用您的邮箱向您展示广告。", "我們使用您的電子郵件向您顯示廣告。"],
    not: "我们仅使用您的电话号码保护您的账户。",
  },
};

const NORMAL_FORMS = ["NFC", "NFD", "NFKC", "NFKD"] as const;
const all = Object.entries(SENTENCES).flatMap(([language, { mentions, not }]) => [
  ...mentions.map((text) => ({ language, text, does: true })),
  { language, text: not, does: false },
]);

for (const [language, { mentions, not }] of Object.entries(SENTENCES)) {
  test(`a text in ${language} mentions advertising when it does, and not when it does not`, () => {
    for (const text of mentions) assert.equal(mentionsAdvertising(text, language), true, text);
    assert.equal(mentionsAdvertising(not, language), false, not);
  });
}

test("neither the normal form of Unicode nor capitals change whether a text mentions advertising", () => {
  for (const { language, text, does } of all) {
    for (const form of NORMAL_FORMS) {
      for (const each of [text, text.toUpperCase()]) {
        assert.equal(mentionsAdvertising(each.normalize(form), language), does, `${each} in ${form}`);
      }
    }
  }
});

test("a regional tag is read as its language", () => {
  for (const { language, text, does } of all) {
    for (const tag of [`${language}-XX`, `${language}-Latn-001`, language.toUpperCase()]) {
      assert.equal(mentionsAdvertising(text, tag), does, `${text} in ${tag}`);
    }
  }
  assert.equal(mentionsAdvertising("We show you ads.", "english"), false);
  assert.equal(mentionsAdvertising("We show you ads.", "en_GB"), false, "an underscore makes it another language");
});

test("a text in a language that is not in the table never mentions advertising", () => {
  const anyTag = fc
    .tuple(fc.stringMatching(/^[a-z]{2,3}$/), fc.constantFrom("", "-GB", "-Latn"))
    .filter(([language]) => !Object.hasOwn(SENTENCES, language))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(anyTag, fc.constantFrom(...all), (tag, { text }) => {
      assert.equal(mentionsAdvertising(`${text} ads reklam 广告`, tag), false);
    }),
  );
  assert.equal(mentionsAdvertising("Ni montras al vi reklamojn.", "eo"), false);
});

test("a word of one language does not count in another", () => {
  assert.equal(mentionsAdvertising("Wir nutzen sie für Werbung.", "en"), false);
  assert.equal(mentionsAdvertising("We show you ads.", "de"), false);
});

test("English words that only look like ads do not mention them", () => {
  const friends = [
    ...["address", "addresses", "add", "adds", "added", "additional", "admin", "loads", "uploads", "downloads"],
    ...["reads", "leads", "roads", "heads", "threads", "nomad", "had", "bad", "adverse", "adventure"],
    ...["inadvertently", "advice", "advise", "read-only", "iPads"],
  ];
  for (const friend of friends) {
    assert.equal(mentionsAdvertising(`We use your ${friend} to protect your account.`, "en"), false, friend);
  }
  assert.equal(mentionsAdvertising("We add your address to our ads.", "en"), true, "but ads beside them still count");
});

test("ads are seen beside any mark, at either end of a text and in a word that is joined on", () => {
  for (const text of ["ads", "Ads.", "(ad)", "“ads”", "ad-supported", "no\nads", "ads/offers", "ads…", "ADVERTISING"]) {
    assert.equal(mentionsAdvertising(text, "en"), true, text);
  }
  assert.equal(mentionsAdvertising("", "en"), false);
});

/** What a person would call a wrong answer, all at once. */
const wrong = (texts: readonly (readonly [string, string])[], does: boolean) =>
  texts.filter(([language, text]) => mentionsAdvertising(text, language) !== does);

test("a word that has a stem inside and means something else does not mention advertising", () => {
  const texts = [
    ["bg", "Използваме номера ви само за обработка на рекламации."],
    ["cs", "Vaše číslo používáme jen k vyřízení reklamace."],
    ["de", "Wir nutzen Ihre Nummer nur für Rückfragen zu Ihrer Bewerbung."],
    ["de", "Wir nutzen Ihre Nummer nur für die Anmeldung Ihres Gewerbes."],
    ["en", "We call you on an ad hoc basis, to protect your account."],
    ["en", "We ring Adèle, our clerk, only to protect your account."],
    ["fr", "Nous vous annoncerons par SMS toute connexion à votre compte."],
    ["it", "Ti annunciamo via SMS ogni accesso al tuo account."],
    ["ko", "전화번호는 관광고객 안내에만 사용됩니다."],
    ["nl", "We gebruiken uw nummer alleen als u wilt reclameren."],
    ["pl", "Używamy Twojego numeru tylko do obsługi reklamacji."],
    ["ro", "Folosim numărul doar pentru a răspunde la o reclamație."],
    ["ru", "Мы используем ваш номер только для рассмотрения рекламации."],
    ["sv", "Vi använder ditt nummer bara för din reklamation."],
    ["tr", "HESABINIZI KORUMAK İÇİN KULLANILAN NUMARA"],
    ["uk", "Ми використовуємо ваш номер лише для розгляду рекламації."],
  ] as const;
  assert.deepEqual(wrong(texts, false), []);
});

test("an everyday inflection or spelling of a word in the table mentions advertising too", () => {
  const texts = [
    ["el", "Χρησιμοποιούμε το email σας για διαφήμιση."],
    ["es", "Los anunciantes pueden llegar a ti con tu correo."],
    ["fi", "Näytämme sinulle mainoksia."],
    ["nl", "Adverteerders kunnen u ermee bereiken."],
    ["pt", "Usamos seu e-mail para mensagens publicitárias."],
    ["ro", "Vă arătăm anunţuri."], // with the cedilla of older keyboards
  ] as const;
  assert.deepEqual(wrong(texts, true), []);
});
