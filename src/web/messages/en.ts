/**
 * English: every text of the console. What changes within a text is a parameter; who translates it translates the function.
 */
import { number } from "./language.js";

export const en = {
  common: {
    brand: "Solely",
    now: "just now",
    seconds: (s: number) => `${s} s`,
    minutes: (min: number, s: number) => (s === 0 ? `${min} min` : `${min} min ${s} s`),
    skip: "Skip to the page",
    loading: "Loading",
    tryAgain: "Try again",
    copy: "Copy",
    copied: "Copied",
    copyTable: "Copy table",
    cancel: "Cancel",
    close: "Close",
    search: "Search",
    searchHint: "Go to a page",
    searchNothing: "Nothing is called that.",
    signOut: "Sign out",
    places: "Pages",
    progress: (done: number, what: string) => `${number(done)} ${what}`,
    rate: (perSecond: number, what: string) => `${number(perSecond)} ${what} a second`,
    left: (time: string) => `about ${time} left`,
    gone: {
      message: "The server did not answer.",
      fix: "Check your connection, then try again: nothing is done twice.",
    },
    unknownPage: "There is no such page.",
    unknownPageFix: "Choose one on the left, or search for it.",
  },

  sample: {
    note: "This is a sample world. All people, contacts and lists in it are made up, and its operators, alice and bob, are nobody.",
    whereLinks: "The terminal in which npm start runs shows a link for each person that you can look around as.",
    cleanStart: "Make a clean start",
    cleanStartTitle: "A clean start",
    cleanStartAbout:
      "A new and empty store is made in a folder of its own, with two operators, and takes the place of the sample here. The sample stays on the disk as it is: nothing is deleted, and npm start -- --sample comes back to it.",
    isStarting: "The new store is being made. This page goes on by itself when it is there.",
    neverCame: "The new store did not come. The terminal in which npm start runs says why.",
    isThere: "Your own store is ready, and empty.",
    whatNow:
      "The terminal in which npm start runs shows a link for each of its two operators. Open one of them to sign in; it holds once, for five minutes, and npm start makes new ones.",
  },

  signing: {
    noPasskey: (operator: string, host: string) => `${operator} has no passkey that is in force for ${host}.`,
    noPasskeyFix: (command: string) =>
      `Make one under Operators and have two operators sign it; or do this with your key file: ${command}`,
    notSigned: "Nothing was signed: the passkey was not used.",
    notSignedFix: "Try again, and confirm with the passkey within five minutes.",
    noBrowserSupport: "This browser can't use passkeys on this page.",
    noOperator: "Only operators sign.",
    noOperatorFix: "Sign in as an operator.",
    altered: (proposal: string) => `Proposal ${proposal} is not what was signed.`,
    alteredFix: "Somebody changed it on the way: look into the store before you sign anything.",
  },

  signIn: {
    title: "Sign in",
  },

  operator: {
    title: "Today",
  },

  advertiser: {
    title: "Your audiences",
  },

  person: {
    title: "Your contacts",
  },
};
