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

  operators: {
    title: "Operators",
    intro:
      "Operators decide together: a notice, a source, an incident or a change on this page counts only when two of them have signed it, each with a key of their own.",
    operator: "Operator",
    key: "Key",
    host: "For the console at",
    keyFile: "Key file",
    passkeyFor: (host: string) => `Passkey for ${host}`,
    noPasskey: "No passkey yet: this operator signs on the command line.",
    fingerprint: "Fingerprint",
    copyFingerprint: "Copy fingerprint",
    since: "Signs since",
    position: (position: string) => `ledger position ${position}`,
    from: "From",
    to: "Until",
    inForce: "in force",
    everyKey: "Every key that ever signed here",
    replace: "Replace key file…",
    end: "End passkey…",
    remove: (name: string) => `Remove ${name}…`,
    addPasskey: "Add a passkey…",
    addOperator: "Add an operator…",
    sign: "Sign and propose",
    signWhat: "Your passkey signs the proposal. Nothing changes until another operator signs it, too.",
    proposed: (position: string) =>
      `Proposed, at ledger position ${position}. Nothing has changed yet: another operator has to sign it.`,
    approved: (position: string) => `In force, at ledger position ${position}: two operators have signed it.`,
    waiting: "Waiting for a second signature",
    by: (name: string) => `proposed by ${name}`,
    proposedBy: "Proposed by",
    read: "Read and sign…",
    approve: "Sign and approve",
    change: (action: { type: string; name: string }) => {
      const { type, name } = action;
      if (type === "operator.add") return `Add operator ${name}`;
      if (type === "operator.remove") return `Remove operator ${name}`;
      if (type === "operator.replace") return `Replace the key file of ${name}`;
      return type === "operator.passkey" ? `Add a passkey for ${name}` : `End a passkey of ${name}`;
    },
    consequence: (action: { type: string; name: string }): string => {
      const { type, name } = action;
      if (type === "operator.remove") return en.operators.removeWhat(name);
      if (type === "operator.replace") return en.operators.replaceWhat(name);
      if (type === "operator.passkey-end") return en.operators.endWhat;
      return `Whoever holds this key signs as ${name} from then on. Compare its fingerprint with theirs, by telephone or side by side, before you sign.`;
    },
    orFile: "Or choose the file",
    addPasskeyTitle: "Add a passkey",
    addPasskeyHow:
      "The operator makes the passkey in their own browser, and passes the code that they get there on to you. Compare the fingerprint with theirs, by telephone or side by side: a code can be exchanged on its way.",
    passkeyCode: "Code of the passkey",
    noPasskeyCode: "This is not a passkey's code. Copy it whole, from the first brace to the last.",
    elsewhere: (host: string) => `It was made for ${host}, and can't be used on this page.`,
    addOperatorTitle: "Add an operator",
    addOperatorHow:
      "The new operator makes a key file on their own machine, and passes the public half (NAME.pub) on to you. Compare the fingerprint with theirs.",
    name: "Name",
    nameForm: "a to z, 0 to 9, dot, dash and underscore; a letter first; at most 64",
    publicKey: "Public key",
    noPublicKey: "This is not a public key. It begins with -----BEGIN PUBLIC KEY-----.",
    replaceTitle: (name: string) => `Replace the key file of ${name}`,
    replaceWhat: (name: string) =>
      `The key file and every passkey of ${name} end, and what ${name} has proposed and waits lapses. The new key file signs from then on; new passkeys are added again.`,
    removeTitle: (name: string) => `Remove ${name}`,
    removeWhat: (name: string) =>
      `${name} can neither sign nor sign in any more, and what ${name} has proposed and waits lapses. What ${name} has signed before stays as it is.`,
    endTitle: (name: string) => `End a passkey of ${name}`,
    endWhat:
      "It signs nothing any more, and what was proposed with it and waits lapses. A passkey that has ended can't be added again.",
  },

  purposeKeys: {
    title: "Keys of purposes",
    intro:
      "Each purpose has a key of its own, so that what was given for one can't be read or compared for another. A new key takes an old one's place while everything goes on; the old one is destroyed.",
    purpose: "Purpose",
    use: "What the key does",
    uses: (use: string) =>
      use === "tokens" ? "compares contacts with advertisers' lists" : "seals contacts in the vault",
    epoch: "Key number",
    state: "State",
    inUse: "in use",
    rotatingTo: (epoch: number) => `key ${epoch} is taking its place`,
    choose: "Make a new key for",
    rotateAsk: "Make a new key…",
    askTitle: (purpose: string) => `A new key for ${purpose}`,
    ask: "Everything that is under the present key is written anew under the new one, and the present key is destroyed.",
    rotate: "Make the new key",
    rotating: "Writing everything anew under the new key",
    rewritten: "rewritten",
    rotated: (purpose: string, epoch: number, rewritten: string) =>
      `Key ${epoch} of ${purpose} is in use, and the one before is destroyed; ${rewritten} rewritten.`,
    head: (size: string) => `The ledger has ${size} entries.`,
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
