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
    sample: "This is a sample world. All people, contacts and lists in it are made up.",
    gone: {
      message: "The server did not answer.",
      fix: "Check your connection, then try again: nothing is done twice.",
    },
    unknownPage: "There is no such page.",
    unknownPageFix: "Choose one on the left, or search for it.",
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
