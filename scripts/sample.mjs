// The sample: a made-up platform of 20,000 accounts on which the whole job is done before your eyes, with something to see on each
// page of the console, an incident like that of 2019 among it. Everything that is claimed is held against the world's own truth.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ScriptedStore, shown, title } from "./store.mjs";

const ACCOUNTS = 20_000;
/** Rows of each list: enough that most audiences are large enough to be served. */
const ROWS = 4000;
/** The sample's terms of sizes: the first is drawn at the next whole minute. */
const SIZES = { firstReleaseMinutes: 0 };
const LETTERS = { platform: "Chirper, a made-up network", ask: "privacy@chirper.example" };
/** A size is drawn at a whole minute, and shows at the next one. */
const LONGEST_WAIT_S = 150;
const DAY_MS = 86_400_000;

const EARLIER = "login-alerts-2018";
const LARGE = "security-screens-2021";
/** Lists that were matched in the weeks before, and are replayed: the world's list, whose, days ago. */
const EARLIER_LIST = { name: "x-emails", advertiser: "birch-bikes", daysAgo: 70 };
const REPLAYED = [
  { name: "meta-hashed", advertiser: "birch-bikes", daysAgo: 61 },
  { name: "google-template", advertiser: "corner-coffee", daysAgo: 52 },
  { name: "phones", advertiser: "corner-coffee", daysAgo: 38 },
  { name: "tiktok-hashed", advertiser: "dune-travel", daysAgo: 31 },
  { name: "mixed-dirty", advertiser: "dune-travel", daysAgo: 17 },
  { name: "exclusions", advertiser: "acme", daysAgo: 9 },
];
const CAMPAIGNS = ["autumn", "early winter", "members only"];
/** Shown to people before their list came, as by a clock that was wrong: an alarm. */
const TOO_EARLY = 3;

export class Sample {
  constructor(data, operators) {
    this.store = new ScriptedStore(data, operators);
    this.folder = join(data, "sample");
    this.world = join(this.folder, "world");
  }

  /** The file that says that the sample was made to its end. */
  get doneFile() {
    return join(this.folder, "done");
  }

  makeStore() {
    const { store } = this;
    title("A store, with two operators: nothing is loosened unless both sign");
    mkdirSync(this.folder, { recursive: true });
    // Of a sample that is no more.
    if (process.env.SOLELY_OPERATORS === undefined) rmSync(store.operators, { recursive: true, force: true });
    store.run("init", "--operator", "alice", "--operator", "bob");
    const config = { ...store.config, sample: true, sizes: SIZES, letters: LETTERS };
    writeFileSync(store.configFile, `${JSON.stringify(config, null, 2)}\n`);
    console.log(
      `  in ${shown(store.configFile)}: "sample": true, and "sizes": ${JSON.stringify(SIZES)}, the sample's alone`,
    );
    title(
      `A sample world of ${ACCOUNTS.toLocaleString("en")} accounts; of five contacts two were given for security alone`,
    );
    const size = ["--accounts", String(ACCOUNTS), "--rows", String(ROWS), "--seed", "7"];
    store.run("world", ...size, "--incidents", "--out", this.world);
  }

  /** @param server the store's, which runs */
  async doTheMainJob(server) {
    const { store, world } = this;
    this.#notices();
    this.#ownPage();
    title("Contacts in, as people gave them; what the platform knows of accounts; what people took back");
    store.run("ingest", join(world, "contacts.csv"));
    store.run("accounts", join(world, "accounts.csv"));
    store.run("event", join(world, "events.ndjson"));
    this.#earlierIncident();
    title(
      "An advertiser's list in, an audience out; operators can look at its members before anything of it is served",
    );
    const audience = this.#matchAndCheck("meta-template");
    title(
      "A list of nothing but contacts that people gave for security: two-factor, recovery, unlocking, login alerts",
    );
    const nobody = this.#matchAndCheck("security-contacts");
    title("While their sizes are drawn: other advertisers' lists of the last weeks, and what was shown to whom");
    this.#otherAdvertisers(audience);
    this.#largeIncident();
    this.#daily(server);
    await this.#showSizes([audience, nobody]);
    title("What is large enough is served, and only that: the export is for serving now");
    const out = join(this.folder, "for-serving.csv");
    store.run("audience", "export", audience, "--out", out);
    this.#checkAgainst("meta-template", out, "account");
    title("The proof over everything, from the facts");
    store.run("doctor");
    console.log(
      "\nNone of the contacts that were given for security, and so labelled, is in an audience. Those of the open incident are: for\n" +
        "eight months of 2021 two screens had a label that said ads, which two people had signed. What is wrong upstream goes through;\n" +
        "whom it affected, through whose lists and by which ads, has an exact answer, and two signatures end it.",
    );
    writeFileSync(this.doneFile, "");
  }

  /** Accounts to look at as the person whose contacts they are. */
  people() {
    const [affected] = this.#affected(LARGE, this.#lists);
    const [contained] = this.#affected(EARLIER, [EARLIER_LIST.name]);
    const touched = new Set([...this.#rows(LARGE), ...this.#rows(EARLIER)].map(([account]) => account));
    const rightly = this.#truth("meta-template").find((account) => !touched.has(account));
    return { affected: affected[0], contained: contained[0], rightly };
  }

  #notices() {
    const { store, world } = this;
    title("Notices: what people were told when they gave a contact; alice proposes, bob approves");
    const { proposals } = store.json("notice", "propose", join(world, "notices.yaml"), "--as", "alice");
    const idsOf = (some) => new Set(some.map(({ review }) => review.notice.id));
    const silent = idsOf(proposals.filter(({ review }) => review.toConfirm.length > 0));
    const others = [...idsOf(proposals)].filter((id) => !silent.has(id));
    store.run("notice", "approve", ...others, "--as", "bob", "--yes");
    title(
      "Three texts never speak of ads, but their label does, for a while: bob must name that. Here is the mistake, as in 2019",
    );
    store.run("notice", "approve", ...silent, "--as", "bob", "--yes", "--confirm", "ads.match");
  }

  /** What a person needs to switch ads on again, on their own page here. */
  #ownPage() {
    const { store, folder } = this;
    title("A text under which a person can allow ads on their own page here; grants by them are a source of their own");
    const proposal = store.proposed("source", "add", "person", "--as", "alice");
    store.run("approve", proposal, "--as", "bob", "--yes");
    const notice = join(folder, "own-page.yaml");
    writeFileSync(notice, OWN_PAGE);
    store.run("notice", "propose", notice, "--as", "alice");
    store.run("notice", "approve", "own-page", "--as", "bob", "--yes");
  }

  /** One that was found and contained before other lists came. */
  #earlierIncident() {
    const { store } = this;
    title(
      "An earlier incident: a list was matched by a wrong label; who was affected is counted, and two operators contain it",
    );
    const audience = this.#replay(EARLIER_LIST);
    this.#show("earlier-showings.csv", this.#shown({ ...EARLIER_LIST, audience }));
    this.#openAndCheck(EARLIER, [EARLIER_LIST.name]);
    store.proposed("incident", "contain", EARLIER, "--as", "alice");
    store.run("incident", "approve", EARLIER, "--as", "bob", "--yes");
  }

  get #lists() {
    return [EARLIER_LIST, ...REPLAYED].map(({ name }) => name).concat("meta-template", "security-contacts");
  }

  /** @param audience of acme's, to make another one of */
  #otherAdvertisers(audience) {
    const { store } = this;
    const audiences = REPLAYED.map((list) => ({ ...list, audience: this.#replay(list) }));
    const exclusions = audiences.find(({ name }) => name === "exclusions").audience;
    store.run("audience", "combine", "loyal", "--advertiser", "acme", "--include", audience, "--exclude", exclusions);
    const [{ name, daysAgo, ...first }] = audiences;
    const early = this.#truth(name).slice(0, TOO_EARLY);
    const tooEarly = early.map((account) => showing(first, CAMPAIGNS[0], account, Date.now() - (daysAgo + 1) * DAY_MS));
    this.#show("showings.csv", [...tooEarly, ...audiences.flatMap((one) => this.#shown(one))]);
  }

  /** What was shown through an audience since its list came: to every other account, and to whom a mistake brought in. */
  #shown({ name, daysAgo, ...through }) {
    const fromMs = Date.now() - daysAgo * DAY_MS;
    const mistaken = [...this.#affected(EARLIER, [name]), ...this.#affected(LARGE, [name])].map(([account]) => account);
    const isThere = name === EARLIER_LIST.name ? () => true : (account) => members.has(account);
    const members = new Set(this.#truth(name));
    const accounts = [...members].filter((_, i) => i % 2 === 0).concat(mistaken.filter(isThere));
    return [...new Set(accounts)].flatMap((account, i) =>
      Array.from({ length: 1 + (i % 3) }, (_, n) => {
        const share = ((i * 7919 + n * 104_729) % 10_007) / 10_007;
        return showing(through, CAMPAIGNS[(i + n) % CAMPAIGNS.length], account, fromMs + share * daysAgo * DAY_MS);
      }),
    );
  }

  #show(name, rows) {
    const file = join(this.folder, name);
    writeFileSync(file, `advertiser,campaign,audience,account,at\n${rows.join("")}`);
    this.store.run("showings", file);
  }

  /** The incident that is for you to contain. */
  #largeIncident() {
    title(
      "An incident like that of 2019, left open for you: contacts given to unlock an account and for two-factor were matched",
    );
    this.#openAndCheck(LARGE, this.#lists);
  }

  /** What else there is in a day of operators. */
  #daily({ url }) {
    const { store, folder } = this;
    title("Canaries: accounts of the platform's own people, that watch the matching from within");
    const rows = ["account,kind,value,notice,given_at"];
    for (const staff of ["staff-1", "staff-2"]) {
      const [ads, security] = [`${staff}@staff.chirper.example`, `${staff}.private@staff.chirper.example`];
      rows.push(`${staff},email,${ads},signup-ads@1,2022-03-01T09:00:00Z`);
      rows.push(`${staff},email,${security},two-factor@3,2022-03-02T09:00:00Z`);
    }
    // What people in a hurry feed: the rows say what is wrong with each.
    const yesterday = new Date(Date.now() - DAY_MS).toISOString();
    const nextYear = new Date(Date.now() + 365 * DAY_MS).toISOString();
    rows.push(`u1,email,mary.at.example.com,signup-ads@1,${yesterday}`);
    rows.push(`u1,phone,+49 12,signup-ads@1,${yesterday}`);
    rows.push(`u1,email,mary@example.com,newsletter,${yesterday}`);
    rows.push(`u1,email,mary@example.com,signup-ads@1,${nextYear}`);
    rows.push(`,email,mary@example.com,signup-ads@1,${yesterday}`);
    const file = join(folder, "staff-and-others.csv");
    writeFileSync(file, `${rows.join("\n")}\n`);
    store.run("ingest", file);
    for (const staff of ["staff-1", "staff-2"]) {
      const contacts = join(folder, "canary.ndjson");
      const lines = [
        { kind: "email", value: `${staff}@staff.chirper.example`, for: "ads" },
        { kind: "email", value: `${staff}.private@staff.chirper.example`, for: "security" },
      ];
      writeFileSync(contacts, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
      store.run("canary", "register", "--account", staff, "--contacts", contacts);
      rmSync(contacts);
    }
    store.run("canary", "check");
    title("A source of its own for the app; and a notice that alice proposed, and that waits for bob");
    const proposal = store.proposed("source", "add", "app", "--vouches", "--freed-limit", "1000", "--as", "alice");
    store.run("approve", proposal, "--as", "bob", "--yes");
    const notice = join(folder, "signup-ads-2.yaml");
    writeFileSync(notice, SECOND_SIGN_UP);
    store.run("notice", "propose", notice, "--as", "alice");
    title("A witness signs that the ledger has only grown");
    const { verifier: key } = store.asked("ledger", "head");
    const own = ["--state", join(folder, "witness.json"), "--seed", join(folder, "witness.key")];
    store.run("ledger", "cosign", `${url}/tlog`, "--key", key, "--name", "witness.example", ...own, "--serve");
  }

  /** Matches a list as of some days ago. @returns its audience */
  #replay({ name, advertiser, daysAgo }) {
    const at = new Date(Date.now() - daysAgo * DAY_MS).toISOString();
    return this.#match(name, advertiser, "--at", at);
  }

  #match(name, advertiser, ...how) {
    const { file, scheme, region } = this.#listOf(name);
    const home = region === undefined ? [] : ["--region", region];
    const named = ["--advertiser", advertiser, "--name", name, "--scheme", scheme, ...home];
    return this.store.json("match", join(this.world, "lists", file), ...named, ...how).audience;
  }

  #listOf(name) {
    const { lists } = JSON.parse(readFileSync(join(this.world, "lists.json"), "utf8"));
    return lists.find((list) => list.name === name);
  }

  /** Matches a list of the world, and holds the members of its audience against the truth that the world was written with. */
  #matchAndCheck(name) {
    const audience = this.#match(name, "acme");
    const out = join(this.folder, `${name}.csv`);
    this.store.run("audience", "export", audience, "--out", out, "--unreleased");
    this.#checkAgainst(name, out, "account_not_for_serving");
    return audience;
  }

  #checkAgainst(name, out, header) {
    const truth = join(this.world, "truth", `${name}.csv`);
    const accounts = readFileSync(truth, "utf8").replace(/^account\n/, "");
    if (readFileSync(out, "utf8") !== `${header}\n${accounts}`) throw new Error(`${out} is not who is in ${name}`);
    console.log(`  the same accounts, to the byte, as the truth: ${shown(truth)}`);
  }

  /** Opens an incident, and holds who was affected against the truth that the world was written with. */
  #openAndCheck(incident, lists) {
    const { store, folder, world } = this;
    store.run("incident", "open", join(world, "incidents", `${incident}.yaml`), "--as", "alice");
    const out = join(folder, `${incident}.csv`);
    const { people } = store.json("incident", "assess", incident, "--people", out);
    const truth = this.#affected(incident, lists).map(([account]) => account);
    const written = readFileSync(out, "utf8").trimEnd().split("\n").slice(1);
    const accounts = written.map((row) => row.split(",")[0]);
    const distinct = new Set(truth).size;
    if (accounts.join() !== truth.join() || people !== distinct)
      throw new Error(`${out} is not whom ${incident} affected`);
    console.log(
      `  ${people} people were affected, the same, contact by contact, as the truth: ` +
        `${shown(join(world, "truth", "incidents", `${incident}.csv`))}`,
    );
  }

  #truth(name) {
    return readFileSync(join(this.world, "truth", `${name}.csv`), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1);
  }

  #rows(incident) {
    const file = join(this.world, "truth", "incidents", `${incident}.csv`);
    return readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((row) => row.split(","));
  }

  /** Rows of the truth that these lists reach. */
  #affected(incident, lists) {
    return this.#rows(incident).filter(([, , , named]) => named.split(" ").some((name) => lists.includes(name)));
  }

  /** Waits until the sizes of some audiences are released. */
  async #showSizes(audiences) {
    const { store } = this;
    title(
      "Sizes: counted and drawn with noise once, at a whole minute, and shown at the next; below 1,000 nothing is told",
    );
    const list = () => store.asked("audience", "list").audiences.filter(({ audience }) => audiences.includes(audience));
    const isPending = ({ status }) => status === "pending";
    const showsMs = Math.max(...list().map(({ nextReleaseAt }) => Date.parse(nextReleaseAt)));
    const seconds = Math.max(0, Math.ceil((showsMs - Date.now()) / 1000));
    console.log(`  waiting for them to show, about ${seconds} s (at most ${LONGEST_WAIT_S})`);
    const deadlineMs = Date.now() + LONGEST_WAIT_S * 1000;
    while (list().some(isPending)) {
      if (Date.now() > deadlineMs) throw new Error(`no size shows after ${LONGEST_WAIT_S} s`);
      await sleep(2000);
    }
    store.run("audience", "list", "--advertiser", "acme");
    title("What that has cost of the advertisers' budgets of privacy");
    store.run("budget");
  }
}

const showing = ({ advertiser, audience }, campaign, account, atMs) =>
  `${advertiser},${campaign},${audience},${account},${new Date(atMs).toISOString()}\n`;

const OWN_PAGE = `id: own-page
surface: Your contacts
version: 1
language: en
text: I agree that this contact is compared with lists that advertisers upload, so that their ads are shown to me. I can take it back here at any time.
purposes: [ads.match]
sources: [person]
effective_from: ${new Date(Date.now() - DAY_MS).toISOString()}
`;

const SECOND_SIGN_UP = `id: signup-ads
surface: sign-up form
version: 2
language: en
text: Your e-mail address and phone number let you sign in. Advertisers who know you already may show you their ads here, if your contact is on their list. You can object at any time in the settings.
purposes: [service.account, ads.match]
exclusive: false
subject: self
sources: [local, app]
effective_from: ${new Date(Date.now() + 30 * DAY_MS).toISOString()}
`;
