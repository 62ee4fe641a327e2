/**
 * English: every text of the console. What changes within a text is a parameter; who translates it translates the function.
 */
import type { Scope } from "../../access/index.js";
import type { Kind } from "../../contact/index.js";
import type { Action } from "../../operator/index.js";
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

  today: {
    counting: "Counting contacts by purpose, for the first time since the server started",
    again: "Look again",
    halted: "A canary tripped: nothing is matched or served.",
    behind: "This store is not the newest that is known of: nothing is matched or served.",
    toAlarms: "See why",
    contactsInAll: "contacts in all",
    permitted: "may be used for ads",
    openAlarms: "open alarms",
    waiting: "decisions wait for a second signature",
    byPurpose: "Contacts by purpose",
    byPurposeHow: (position: string) =>
      `How many contacts may be used for each purpose now; one contact may have several. Counted at ledger position ${position}.`,
    contacts: "Contacts",
    lists: "Lists of the last day",
    noLists:
      "No list came within a day. Advertisers upload them here or by the API; solely match takes one from a file.",
    came: "Came",
    refused: "Rows refused",
    latestOf: (shown: number, all: number) => `The latest ${number(shown)} of ${number(all)}.`,
    runs: "Contacts fed in the last day",
    noRuns: "No contacts were fed within a day. A source feeds them by the API; Intake takes a file.",
    by: "Fed by",
    good: "Rows taken",
    refusals: "Why rows were refused",
    refusalsSince: "Kept in the server's memory, for a day at most; counted since",
    noRefusals: "No row was refused. When one is, its reason and what helps stand here.",
    reason: "Reason",
    ofWhat: "Rows of",
    rowsOf: { contacts: "contacts", accounts: "accounts", events: "events", lists: "lists" },
    rows: "Rows",
    fix: "What helps",
    toCanaries: "Register one",
    watching: "Canaries that watch",
    every: (hours: string) => `(every ${hours} hours)`,
    state: "State",
    stateHalted: "Tripped: matching is halted.",
    stateFailed: (lists: number) => `Not all is known: ${number(lists)} lists of the last check did not come through.`,
    stateGood: "Alive: the last check came through.",
    ledger: "Ledger",
    entries: "Entries",
    root: "Root of its tree",
    signed: "Signed",
    witness: "Last witness",
    noWitness: "No witness has signed since the server started. solely ledger cosign lets somebody else vouch for it.",
    upTo: (position: string) => `(up to position ${position})`,
    kept: "Checkpoint kept outside",
  },

  decisions: {
    title: "Decisions",
    intro:
      "What can loosen anything counts only when two different operators have signed it. Read what would change, type the name of what you allow, and sign.",
    nothingWaits:
      "Nothing waits for a second signature. What an operator proposes, under Notices for instance, stands here until another signs it.",
    proposedBy: (name: string) => `Proposed by ${name}`,
    position: (position: string) => `ledger position ${position}`,
    own: "You proposed this: another operator must sign it.",
    sign: "Sign it",
    typeNames:
      "Type the name of each thing that you allow, as it stands here. It is in force as soon as you have signed.",
    type: "Type",
    approve: "Sign and approve",
    approved: (position: string) => `In force, at ledger position ${position}: two operators have signed it.`,
    history: "What was decided",
    nothingDecided: "Nothing yet. What two operators have signed stands here, with both their names.",
    what: "What",
    proposed: "Proposed by",
    second: "Approved by",
    lapsed: "nobody: it lapsed with its proposer's key",
    when: "When",
    named: "Purposes named",
    ledgerPosition: "Ledger position",
    purpose: "Purpose",
    purposes: "Purposes",
    surface: "Where people see it",
    exclusive: "Promise of exclusivity",
    isExclusive: "promises to use the contact for nothing else",
    notExclusive: "no such promise",
    subject: "Whose contact",
    self: "the person's own",
    other: "other people's, as in an address book: permits nothing",
    sources: "Sources that may name it",
    effective: "In force from",
    added: "added",
    removed: "removed",
    noBefore: "Nothing before",
    noBeforeHow: "This is the first version of this notice.",
    before: (notice: string) => `Before: ${notice}`,
    after: (notice: string) => `Proposed: ${notice}`,
    unmentioned: (purposes: string) => `The text never mentions advertising, and claims ${purposes}.`,
    unmentionedFix: "Approve only if people understood it so.",
    promotional: (purposes: string) => `It allows ${purposes}: uses that people may object to.`,
    run: (freed: string, limit: string) =>
      `This run would newly permit ads for ${freed} contacts that were given for security or under a promise. The source's limit in 30 days is ${limit}.`,
    noLimit: "none",
    noEffect: "This could not take effect any more: the incident has changed since.",
    tell: "Letters may go to a contact that was given for security, where the person can be reached by no other.",
    retire:
      "Contacts that are given under it from then on count no more; those that were given before stay as they are. It ends",
    source: (vouches: boolean, limit: number | null) =>
      `${vouches ? "Its contacts count as verified." : "Its contacts do not count as verified by themselves."} It may newly permit ads for ${limit === null ? "any number of" : number(limit)} contacts in 30 days that were given for security or under a promise.`,
    reveal: (contacts: number, purpose: string, reason: string) =>
      `The operator is told ${contacts === 1 ? "one contact" : `${number(contacts)} contacts`} in the clear, for ${purpose}. Their reason: ${reason}`,
    resume: (position: string) =>
      `Lists are matched and audiences served again, which a canary halted at ledger position ${position}. See first that its cause is mended.`,
    recover: (position: string) =>
      `The ledger of ${position} entries is accepted as the newest; what was kept beyond it is given up. Its root:`,
    contain: "What the incident claims holds from then on: permission and matches are corrected at once, everywhere.",
    undo: "The claim is held no more: permission comes back; tokens and audiences return with the next feed and list.",
    claim: "What is claimed",
    losing: "Contacts that lose permission",
    regaining: "Contacts that get permission back",
    accounts: "Accounts in all",
    audiences: "Audiences that shrink",
    shrinking: (audiences: number, members: number) => `${number(audiences)}, by ${number(members)} members`,
    claimedMatches: (matches: number, reason: string) => `${number(matches)} matches were wrong: ${reason}`,
    claimedNotice: (notice: string) => `Given under ${notice}`,
    claimedSurface: (surface: string) => `Given at “${surface}”`,
    corrected: (purposes: string, exclusive: boolean) => `was for ${purposes}${exclusive ? " and nothing else" : ""}`,
    told: (action: Action): string => {
      switch (action.type) {
        case "notice.adopt":
          return `Notice ${String(action.notice.id)}@${String(action.notice.version)}`;
        case "notice.retire":
          return `Retire notice ${action.id}`;
        case "source.set":
          return `Source ${action.name}`;
        case "run.free":
          return `Let a run of ${action.source} past its limit`;
        case "contact.reveal":
          return "Reveal contacts to an operator";
        case "incident.contain":
          return `Contain incident ${action.incident}`;
        case "incident.undo":
          return `Undo the containment of incident ${action.incident}`;
        case "incident.tell":
          return `Letters of incident ${action.incident} to security contacts`;
        case "matching.resume":
          return "Resume matching";
        case "store.recover":
          return "Accept a restored store";
        default:
          return en.operators.change(action);
      }
    },
    meanings: {
      "security.mfa": "a second factor at login",
      "security.recovery": "getting back into a lost account",
      "security.unlock": "proving that a locked account is a person's",
      "security.login-alert": "telling the owner of a login",
      "service.account": "running the account itself",
      "service.message": "messages that the service asked for needs",
      "marketing.message": "the platform's own marketing messages",
      "ads.match": "being found by an advertiser's list, to be shown its ads",
      "ads.measure": "measuring what an ad led to",
      "share.partner": "giving the contact to another company",
    } satisfies Record<Purpose, string>,
  },

  notices: {
    title: "Notices",
    intro:
      "A notice is the very text that people were shown when they gave a contact. What a contact may be used for comes from its notice, and from nothing else. A notice never changes: a new version replaces it, once two operators have signed.",
    none: "There is no notice yet, and without one no contact is taken. Propose the text of each of your forms; another operator approves it.",
    propose: "Propose a notice…",
    proposeTitle: "Propose a notice",
    proposed: (position: string) =>
      `Proposed, at ledger position ${position}. It is not in force yet: another operator has to sign it.`,
    toDecisions: "See what waits",
    inForce: "in force",
    later: "not yet in force",
    retired: "retired",
    earlier: (count: number) => (count === 1 ? "One earlier version" : `${number(count)} earlier versions`),
    next: "New version…",
    nextOf: (id: string) => `New version of ${id}…`,
    retire: "Retire…",
    retireOf: (id: string) => `Retire ${id}…`,
    retireTitle: (id: string) => `Retire ${id}`,
    retireWhat:
      "Contacts given under it from its end on are refused. What was given before stays as it is. It ends when another operator has signed.",
    validity: "In force",
    validFrom: "from",
    validTo: "to",
    noEnd: "no end set",
    formHow: "Write down exactly what people see. It is checked while you type; your passkey signs the proposal.",
    id: "Id",
    idHint: "What rows of contacts name it by, such as signup.",
    version: "Version",
    versionHint: "Higher than the last one.",
    surfaceHint: "The form or screen, in words that the person knows, such as “Sign-up form”.",
    language: "Language",
    languageHint: "A tag such as en or de-AT.",
    text: "Text",
    textHint: "Word by word as it is shown.",
    somePurpose: "Choose at least one purpose.",
    promise: "Promises",
    exclusiveHint: "The text promises that the contact is used for nothing else.",
    others: "Other people's contacts",
    othersHint: "It asks for contacts of others, as an address book does: these never permit anything.",
    sourcesHint: "Names of the systems that may feed contacts under it, with commas between.",
    fromHint: "Leave it empty for now.",
    seen: "What the approver will see",
  },

  audiences: {
    title: "Audiences",
    intro:
      "What advertisers' lists became. Who is in one is told to nobody; a size is told only as it was released, with its noise.",
    none: "There is no audience yet. It is made when an advertiser's first list is matched.",
    audience: "Audience",
    advertiser: "Advertiser",
    status: "Status",
    statuses: {
      pending: "not released yet",
      unfunded: "waits for its budget",
      "too-small": "too small",
      ready: "ready",
    },
    statusWhat: {
      pending: "It is served once its size has been released.",
      unfunded: "Its size is released when the budget of its legal entity has room again.",
      "too-small": "It is below the floor, and is not served.",
      ready: "It may be served.",
    },
    size: "Released size",
    noSize: "none",
    about: (size: string) => `about ${size}`,
    range: (low: number, high: number) => `${number(low)} to ${number(high)}`,
    sizeIn: (size: string, range: string) => `about ${size} people (very likely ${range})`,
    between: "Very likely between",
    rows: "Rows",
    usable: "Usable",
    created: "Made",
    updated: "Updated",
    replayed: "replayed with its time of then",
    nextRelease: "Next release",
    budgets: "What sizes have cost",
    budgetsHow:
      "Each released size tells a little of who is in the audience. What a legal entity may learn in a month and a year is limited; when it is used up, sizes wait.",
    noBudgets: "No advertiser is known yet.",
    entity: "Legal entity",
    month: "Used this month",
    year: "Used this year",
    left: "Releases left",
    noise: "Noise (standard deviation)",
    renews: "Renews",
    toAll: "All audiences",
    flow: "What became of the list",
    flowHow:
      "Rows that were sent, those that could be used, and the released size in people. How many rows were found is told to nobody.",
    rowsSent: "Rows sent",
    rowsUsable: "Rows usable",
    rowsRefused: "Rows refused",
    released: "Released size",
    step: "Step",
    count: "Count",
    madeOf: "What it is made of",
    madeOfHow: "It follows the audiences that it is made of.",
    include: "In any of",
    exclude: "In none of",
    with: "With",
    without: "Without",
    releases: "Released sizes over time",
    releasesHow: "A size is drawn once an epoch, with noise, and told from then on as it is.",
    noReleases: "None yet. The first size is released some time after the list came.",
    releasedAt: "Released",
    delete: "Delete this audience…",
    deleteTitle: (name: string) => `Delete ${name}`,
    deleteWhat: (advertiser: string) =>
      `It is served no more, at once, and ${advertiser} can't get it back but by sending the list again. That it was there stays in the ledger.`,
    typeName: (name: string) => `Type its name: ${name}`,
    deleteNow: "Delete it",
    deletedTitle: "Deleted",
    deleted: (position: string) => `The audience is deleted and served no more. The ledger has ${position} entries.`,
  },

  advertisers: {
    title: "Advertisers",
    none: "No advertiser is known yet. Add one here; one is also made by its first list.",
    advertiser: "Advertiser",
    entity: "Legal entity",
    entityHint: "Whose budget its sizes are charged to; without one its own name",
    since: "Since",
    add: "Add an advertiser…",
    addTitle: "Add an advertiser",
    addNow: "Add it",
    name: "Name",
    added: (name: string, position: string) => `${name} is added. The ledger has ${position} entries.`,
    keys: "API keys",
    keysHow: "A key opens what its scopes say, and no more. It is shown once, when it is made; only its hash is kept.",
    noKeys: "There is no key yet. Make one for each system that calls the API.",
    key: "Key",
    scopes: "Scopes",
    scopesAsk: "What it opens",
    scopeWhat: {
      contacts: "feeds contacts, as one source",
      accounts: "tells what is known of accounts",
      events: "tells of withdrawals and erasures",
      serve: "asks who may be shown which audience",
      lists: "sends lists and reads audiences, for one advertiser",
      showings: "tells which ads were shown",
      reveal: "is told contacts in the clear, for one purpose",
      audit: "reads the ledger, and asks for its proofs",
    } satisfies Partial<Record<Scope, string>>,
    bound: "Bound to",
    state: "State",
    live: "live",
    revoked: "revoked",
    stopped: (why: string) => `stopped: ${why}`,
    revoke: "Revoke…",
    revokeOf: (id: string) => `Revoke key ${id}`,
    revokeWhat: (scopes: string) => `It opens nothing from then on (${scopes}), and can't be brought back.`,
    revokeNow: "Revoke it",
    revokedNow: (id: string, position: string) => `Key ${id} is revoked. The ledger has ${position} entries.`,
    addKey: "Make a key…",
    addKeyTitle: "Make an API key",
    makeKey: "Make the key",
    forAdvertiser: "For which advertiser",
    forSource: "As which source",
    forPurpose: "For which purpose",
    keyMade: (id: string) => `Key ${id} is made.`,
    keyOnce: "Copy it now: it is shown this once.",
    copyKey: "Copy key",
    sources: "Sources",
    sourcesHow:
      "Systems that feed contacts. A run that would newly permit ads for more contacts given for security than the limit waits for two signatures; other terms are proposed with solely source add.",
    source: "Source",
    vouches: "Vouches that contacts are verified",
    yes: "yes",
    no: "no",
    limit: "Limit in 30 days",
    noLimit: "none",
    freed: "Newly permitted in 30 days",
  },

  alarms: {
    title: "Alarms",
    intro:
      "What must not be, and was seen. An alarm stays open until an operator says that they know of it; that changes nothing else.",
    none: "No alarm. If an ad is shown to somebody who may not be shown it, or a canary trips, it stands here.",
    what: "What was seen",
    kind: "Kind",
    kinds: {
      "ineligible-showings": "shown to whom it must not be",
      "canary-matched": "canary matched",
      "canary-unmatched": "canary not matched",
    },
    when: "When",
    known: "Known to",
    open: "nobody yet",
    see: "I know of this",
    seeOf: (alarm: number) => `I know of the alarm at position ${number(alarm)}`,
    seenNow: (alarm: number) =>
      `It is noted, in the ledger too, that you know of the alarm at position ${number(alarm)}.`,
    canaries: "Canaries",
    canariesHow:
      "Accounts that your own people made, with contacts given for security alone, which must never be matched, and contacts given for ads, which must be. Short lists that carry them go through every way in, daily.",
    noCanaries:
      "No canary watches yet. Make an account through your own pages, give it a contact for security alone, and register it here.",
    canary: "Canary",
    contacts: "Contacts",
    contact: (place: number, given: string) => `#${place} for ${given}`,
    registered: "Registered",
    lastCheck: "Last check",
    never: "never",
    check: "Check now",
    checking: "Checking…",
    checked: (canaries: number, lists: number, alarms: number) =>
      `Checked ${canaries === 1 ? "one canary" : `${number(canaries)} canaries`} by ${number(lists)} lists: ${alarms === 0 ? "all is as it should be" : `${number(alarms)} alarms`}. The check is in the ledger.`,
    failed: (lists: string) => `Did not come through, so nothing is known of them: ${lists}`,
    haltedHow: (position: string) =>
      `It halted at ledger position ${position}. Once the cause is mended, propose that matching goes on; another operator signs it.`,
    resume: "Propose to resume",
    register: "Register a canary…",
    registerTitle: "Register a canary",
    registerHow:
      "An account of your own staff, and contacts that it gave. They are kept sealed, for the checks alone. At least one was given for security.",
    account: "Account",
    contactNumber: (place: number) => `Contact ${place}`,
    kindOf: "Kind",
    value: "Contact",
    givenFor: "Given for",
    forSecurity: "security alone: must never be matched",
    forAds: "ads: must be matched",
    another: "Another contact",
    registerNow: "Register it",
    registeredNow: (contacts: number) =>
      `The canary watches, with ${contacts === 1 ? "one contact" : `${number(contacts)} contacts`}. It is in the ledger.`,
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
    noMask: "kept without a mask",
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
