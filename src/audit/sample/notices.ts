/**
 * What the sample case's platform told people at its surfaces, from when on. Invented; each text is of a sort that was seen.
 */

export interface SampleNotice {
  readonly id: string;
  readonly version: number;
  readonly surface: string;
  readonly language: string;
  readonly text: string;
  readonly purposes: readonly string[];
  /** It said "only for". */
  readonly exclusive: boolean;
  readonly fromMs: number;
}

const SIGN_UP = "sign-up form";

export const SAMPLE_NOTICES = {
  signUp: {
    ...{ id: "signup", version: 1, surface: SIGN_UP, language: "en", fromMs: Date.UTC(2009, 0, 1) },
    text: "We use your contact to run your account, and to choose the ads that you see.",
    ...{ purposes: ["service.account", "ads.match"], exclusive: false },
  },
  signUpLater: {
    ...{ id: "signup", version: 2, surface: SIGN_UP, language: "en", fromMs: Date.UTC(2018, 4, 25) },
    text: "We use your contact to run your account. Advertisers who have it too may choose you for their ads, unless you object.",
    ...{ purposes: ["service.account", "ads.match"], exclusive: false },
  },
  signUpHindi: {
    ...{ id: "signup-hi", version: 1, surface: "sign-up form (Hindi)", language: "hi", fromMs: Date.UTC(2012, 0, 1) },
    text: "हम आपके संपर्क का उपयोग आपका खाता चलाने और आपको दिखाए जाने वाले विज्ञापन चुनने के लिए करते हैं।",
    ...{ purposes: ["service.account", "ads.match"], exclusive: false },
  },
  twoFactor: {
    ...{ id: "two-factor", version: 1, surface: "two-factor login", language: "en", fromMs: Date.UTC(2013, 4, 1) },
    text: "We will use this number only to send you a code when you log in.",
    ...{ purposes: ["security.mfa"], exclusive: true },
  },
  unlock: {
    ...{ id: "unlock", version: 1, surface: "unlock page", language: "en", fromMs: Date.UTC(2013, 11, 1) },
    text: "Your account is locked. Give us a phone number or an e-mail address, so that we know that it is yours.",
    ...{ purposes: ["security.unlock"], exclusive: false },
  },
  recovery: {
    ...{ id: "recovery", version: 1, surface: "recovery prompt", language: "en", fromMs: Date.UTC(2015, 5, 1) },
    text: "Add a phone number, and you get back into your account if you ever lose your password.",
    ...{ purposes: ["security.recovery"], exclusive: false },
  },
  recoveryLater: {
    ...{ id: "recovery", version: 2, surface: "recovery prompt", language: "en", fromMs: Date.UTC(2018, 3, 1) },
    text: "Add a number or a second e-mail address. It is there for getting back into your account, and for nothing else.",
    ...{ purposes: ["security.recovery"], exclusive: true },
  },
  /** The platform held that it names ads. Its text doesn't. */
  loginAlerts: {
    ...{ id: "login-alerts", version: 1, surface: "login alerts", language: "en", fromMs: Date.UTC(2016, 8, 1) },
    text: "Where shall we write to when somebody logs in from a new device?",
    ...{ purposes: ["security.login-alert", "ads.match"], exclusive: false },
  },
} as const satisfies Record<string, SampleNotice>;

/** Notices that name ads in a language whose words for it the audit does not know; a person has read them. */
export const CONFIRMED = [SAMPLE_NOTICES.signUpHindi];

const FOR_ADS: readonly SampleNotice[] = [
  SAMPLE_NOTICES.signUp,
  SAMPLE_NOTICES.signUpLater,
  SAMPLE_NOTICES.signUpHindi,
];

/** Whether what was given under it may be matched, by what people read. */
export const isForAds = (notice: SampleNotice): boolean => FOR_ADS.includes(notice);

export const referenceOf = ({ id, version }: SampleNotice): string => `${id}@${version}`;
