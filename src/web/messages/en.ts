/**
 * English: every text of the console. What changes within a text is a parameter; who translates it translates the function.
 */
import type { Kind } from "../../contact/index.js";
import type { Purpose } from "../../purpose/index.js";
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

  incidents: {
    title: "Incidents",
    intro:
      "When something upstream was wrong, a claim says what: a notice that did not permit ads after all, or a match that should not have been. From that follows, exactly, whom it affected. Nothing changes until two operators contain it.",
    open: "Open an incident",
    openWhat:
      "Opening writes the claim into the ledger and changes nothing else. Who was affected shows at once afterwards.",
    openNow: "Open it",
    incident: "Incident",
    what: "What happened, in a line",
    opened: "Opened",
    by: (name: string) => `by ${name}`,
    openedBy: (name: string) => `opened by ${name}`,
    state: "State",
    stateOf: (containment: { isContained: boolean } | null) =>
      containment === null ? "open" : containment.isContained ? "contained" : "containment undone",
    none: "No incident so far",
    noneHow:
      "If it turns out that a form, a label or an import was wrong, open an incident here: you will see whom it affected before anybody decides anything.",
    id: "Name of the incident",
    idForm: "a to z, 0 to 9, dot, dash and underscore; at most 64",
    titleExample: "Numbers given for unlocking were labelled as given for ads",
    about: "What was wrong",
    abouts: { notice: "A notice", surface: "A surface, with all its notices", matches: "Matches of lists" },
    choose: "Choose one",
    from: "Given from this day on (UTC)",
    to: "Given before this day (UTC)",
    corrected: "What contacts given there were really for",
    exclusive: "and for nothing else: people were promised so",
    matches: "Ids of the matches, as solely match gave them",
    reason: "Why they were wrong",
    unfilled: "Fill in the rest to see the claim in words.",
    matchesInWords: (count: number, reason: string) =>
      count === 1 ? `One match was wrong: ${reason}` : `${number(count)} matches were wrong: ${reason}`,
    ofNotice: (notice: string) => `Contacts given under ${notice} from`,
    ofSurface: (surface: string) => `Contacts given on the surface “${surface}” from`,
    until: "to before",
    shouldBe: (purposes: readonly string[], isExclusive: boolean) =>
      `were given for ${purposes.join(", ")}${isExclusive ? " alone" : ""}`,
    believed: (notice: string, purposes: readonly string[]) =>
      `What was believed: ${notice} was taken as naming ${purposes.join(", ")}`,
    claimed: "The claim",
    affected: "Whom it affected",
    assessing: "Counting whom it affected",
    nobody: "Nobody was affected: no contact that the claim is about was ever matched without permission.",
    figures: {
      people: "people",
      contactPoints: "contact points",
      audiences: "audiences",
      lists: "lists",
      advertisers: "advertisers",
      showings: "ads shown",
    },
    between: "Affected between",
    and: "and",
    asKnown: (position: string) => `By the facts before ledger position ${position}.`,
    overTime: "People affected by the end of each day, in sum",
    asTable: "The same as a table, day by day",
    day: "Day (UTC)",
    newlyAffected: "First affected",
    inSum: "In sum",
    byPurpose: "People by what they really gave it for",
    byKind: "People by kind of contact",
    byCountry: "People by country",
    byAudience: "Audience by audience",
    purpose: "Purpose",
    kind: "Kind",
    country: "Country",
    list: "List",
    advertiser: "Advertiser",
    campaigns: "campaigns",
    first: "First",
    last: "Last",
    apart: "Told apart",
    alsoMatchedRightly:
      "of the affected people were in the same audience by another contact, too, that was matched rightly. They are affected all the same.",
    permittedOtherwise:
      "contact points were given under what is claimed and were matched, but something else permitted that at every instant. They are not affected.",
    lateFacts: (points: number) =>
      `people (${number(points)} contact points) were matched at a time at which, as was learned later, they had not permitted it. That is no matter of this claim.`,
    reports: "For the authority",
    clocks: "Clocks",
    clock: "Clock",
    rule: "Rule",
    due: "Due",
    clockStates: { running: "running", overdue: "overdue", kept: "kept", late: "late" },
    phase: "Phase of the report",
    phases: { initial: "Initial", "follow-up": "Follow-up", final: "Final" },
    asPage: "Report as a page (HTML)",
    asJson: "Report as data (JSON)",
    making: "Making the report",
    factsHow: (incident: string) =>
      `What only people know (who was told, what was done) is filled in by: solely incident report ${incident} --template`,
    containing: "Containment",
    notContained: "Not contained: what the claim denies is still matched and served.",
    contained: "Contained since",
    undone: "Its containment was undone",
    containWhat:
      "Containing takes the permission away at once, in every audience, and removes the tokens. It needs a second operator.",
    undoWhat: "Undoing gives the permission back; tokens return with the next feed. It needs a second operator, too.",
    contain: "Propose to contain it",
    undo: "Propose to undo it",
    toDecisions: "It waits under Decisions.",
    clean: "Nothing of it is left in use.",
    unclean: "Something of it is still in use.",
    scanned: (points: number, denied: number) =>
      `Looked through: ${number(points)} contact points were given under what is corrected; ${number(denied)} of them may not be used.`,
    left: (permitted: number, inIndex: number, inAudiences: number) =>
      `Of these, permitted all the same: ${number(permitted)}; in the matching index: ${number(inIndex)}; in audiences: ${number(inAudiences)}.`,
    asOf: (position: string) => `As of ledger position ${position}.`,
    telling: "Telling people",
    tellingHow: "Letters and evidence are files. They are written on the machine where these commands run:",
    letters: "A letter to each affected person",
    evidence: "Evidence that anybody can check offline",
    people: "Who was affected (recorded in the ledger)",
  },

  operator: {
    title: "Today",
  },

  advertiser: {
    title: "Your audiences",
  },

  person: {
    title: "Your contacts",
    intro:
      "These are the contacts that are kept about you here: when and where you gave each, what you were told then, what it may be used for, and who used it. They are shown masked, so that nobody can read them over your shoulder.",
    always:
      "Whatever a contact is for: it is never given to an advertiser, and no advertiser is told whether you are on one of its lists.",
    none: "No contact of yours is kept here.",
    noneHow: "When you give one on the platform's pages, it shows here, with the text that you are shown there.",
    kinds: {
      email: "E-mail address",
      phone: "Phone number",
      maid: "Advertising id of a device",
      user_id: "User id",
      handle: "Handle",
      external_id: "Customer id",
    } satisfies Record<Kind, string>,
    noMask: "(kept without a mask)",
    erased: "(erased)",
    contact: (kind: string, mask: string) => `${kind} ${mask}`,
    contactNumber: (position: string) => `contact number ${position}`,
    purposes: {
      "security.mfa": { name: "Second step at login", may: "It may be used to check that it is you when you log in." },
      "security.recovery": {
        name: "Getting your account back",
        may: "It may be used to let you back into your account when you have lost it.",
      },
      "security.unlock": {
        name: "Unlocking your account",
        may: "It may be used to prove that your account is yours when it was locked.",
      },
      "security.login-alert": {
        name: "Warnings of logins",
        may: "It may be used to tell you when somebody logs in to your account.",
      },
      "service.account": { name: "Your account", may: "It may be used to run your account." },
      "service.message": {
        name: "Messages of the service",
        may: "It may be used to send you the messages that what you asked for needs.",
      },
      "marketing.message": {
        name: "Offers from the platform",
        may: "It may be used to send you offers of the platform itself.",
        not: "It is not used to send you offers.",
      },
      "ads.match": {
        name: "Ads by advertisers' lists",
        may: "It may be compared with lists of contacts that advertisers upload, so that their ads are shown to you here.",
        not: "It is not compared with advertisers' lists, and chooses no ads for you.",
      },
      "ads.measure": {
        name: "Measuring ads",
        may: "It may be used to find out what an ad that you saw led to.",
        not: "It is not used to find out what ads led to.",
      },
      "share.partner": {
        name: "Sharing with other companies",
        may: "It may be given to another company that works with the platform.",
        not: "It is not given to another company.",
      },
    } satisfies Record<Purpose, { name: string; may: string; not?: string }>,
    usedFor: "What it may be used for",
    notUsedFor: "What it is not used for",
    usedForNothing: "It is used for nothing now.",
    exclusive: "You were promised that it is used for nothing else, and that holds until you say otherwise.",
    given: "When you gave it, and what you were told",
    givenOn: "Given on",
    givenOnDay: (contact: string, day: string) => `${contact}, given on ${day}`,
    givenAt: (surface: string) => `at “${surface}”`,
    byOther: "by somebody else, who had it among their own contacts: it permits nothing",
    verified: "verified as yours",
    notVerified: "not verified as yours",
    givenBefore: (count: number) =>
      count === 1 ? "You had given it once before" : `You had given it ${number(count)} times before`,
    matched: "Who had it on a list",
    matchedNone: "Nobody: it was never found on an advertiser's list.",
    advertiser: "Advertiser",
    list: "List",
    from: "From",
    until: "Until",
    goesOn: "now",
    endedByList: "the advertiser took it out",
    endedByPermission: "it was not for ads any more",
    ads: "Ads that were shown to you by lists",
    adsNone: "None.",
    adsNoneHow: "When an advertiser's list brings you an ad, the platform tells us, and it shows here.",
    campaign: "Campaign",
    day: "Day",
    count: "Times",
    switches: "Your switches",
    switchesHow:
      "Turning one off is in effect at once, everywhere. What your account's security and the service itself need has no switch.",
    onFor: (contacts: string) => `On, for ${contacts}.`,
    off: "Off.",
    offWhere: (surfaces: string) => `To switch it on again, go to the platform's own page: ${surfaces}.`,
    offNowhere: "Nothing asks for it at the moment, so that it can't be switched on.",
    another: "Allow another contact…",
    turnOn: "Allow a contact…",
    turnOnTitle: (purpose: string) => `Allow: ${purpose}`,
    turnOnHow: "Read this first. By allowing it you agree to this text, and to nothing more:",
    whichText: "Which of these texts",
    whichContact: "For which contact",
    typeIt: "Type this contact in full",
    typeItWhy: "It is not read out of what is kept: for ads nobody can. What you type has to be this very contact.",
    allow: "Allow",
    turnedOff: (purpose: string, position: string) =>
      `“${purpose}” is off, everywhere. It stands in the ledger at position ${position}.`,
    turnedOn: (purpose: string, position: string) =>
      `“${purpose}” is allowed for this contact. It stands in the ledger at position ${position}.`,
    notYet: (purpose: string, position: string) =>
      `That was taken down, at position ${position} of the ledger, but something later stands against “${purpose}”. Try again in a few minutes.`,
    keepReceipt: "Save the receipt",
    receipt: "Receipt",
    saveReceipt: (position: string) => `Save the receipt of position ${position}`,
    changes: "What you allowed or took back",
    changesNone: "Nothing yet.",
    changesNoneHow:
      "Each switch that you turn stands here from then on, with a receipt to keep that anybody can check.",
    when: "When",
    what: "What",
    where: "Where",
    here: "on this page",
    elsewhere: "at the platform",
    allowed: (what: string) => `Allowed: ${what}`,
    takenBack: (what: string) => `Taken back: ${what}`,
    takenBackAll: "Taken back: offers, ads and sharing, all of them",
    erasedContact: "Erased",
    disowned: "Told that it is not yours any more",
    ofContact: "Of",
    wholeAccount: "all contacts",
    incidents: "What went wrong, and what was done",
    incidentPurpose:
      "A contact of yours was given for one thing and used for another: to find out whether advertisers had you on their lists. That should not have happened.",
    incidentMatch: (reason: string) =>
      `A contact of yours was compared with lists in a way that was wrong (${reason}). That should not have happened.`,
    incidentContact: "Which contact",
    incidentGiven: "You gave it",
    incidentFor: "It was for",
    incidentUsed: "It was used",
    incidentBetween: (from: string, to: string) => (from === to ? `on ${from}` : `from ${from} to ${to}`),
    incidentLists: (lists: number, advertisers: string) =>
      `found on ${lists === 1 ? "one list" : `${number(lists)} lists`} of ${advertisers}`,
    incidentDone: "What was done",
    incidentStopped: (day: string) =>
      `On ${day} this was stopped: since then this contact is used for no ads by it, and what had been derived from it was taken out. You need not do anything.`,
    incidentReference: "Reference",
    export: "Take everything along",
    exportHow: "Everything that is kept about you here, as a file (JSON) that you can read, or hand to somebody else.",
    exportDo: "Download everything",
    problems: {
      "account-erased": {
        message: "What was kept about this account was erased.",
        fix: "There is nothing left to show, and nothing more to do.",
      },
      "unknown-contact-point": { message: "You have no such contact here.", fix: "Load the page again." },
      "unknown-receipt": { message: "There is no such receipt.", fix: "Load the page again." },
      "not-offered": {
        message: "This text is not in force any more.",
        fix: "Load the page again, and read the new one.",
      },
      "not-verified": {
        message: "Nobody has verified yet that this contact is yours.",
        fix: "Verify it on the platform's own pages first.",
      },
      "other-contact": {
        message: "That is another contact than the one you chose.",
        fix: "Type the one that you see masked. A new contact is given on the platform's own pages.",
      },
      "malformed-value": {
        message: "That is no contact of this kind.",
        fix: "Type it in full: an e-mail address with @, a phone number with + and the country's number.",
      },
      "held-back": {
        message:
          "This contact was given for security, or under a promise to use it for nothing else. The platform lets nothing of that go without two of its people agreeing.",
        fix: "Choose another contact, or ask the platform.",
      },
      "not-taken": { message: "It was not taken.", fix: "Check what you typed, and try again." },
      "too-many-requests": { message: "That was asked for too often.", fix: "Try again in an hour." },
    } as Record<string, { message: string; fix: string } | undefined>,
  },
};
