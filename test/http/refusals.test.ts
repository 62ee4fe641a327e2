/**
 * A refusal that comes while a large body is still sent: it arrives, whoever sends, and what is left of the body is read and
 * dropped, so that nobody hangs who hears no answer before all is sent, as browsers do.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { ServedStore } from "./served-store.js";

const PIECE = Buffer.from("nobody@example.com,x\n".repeat(3000));
const PIECES = 400;
const LISTS = "/v1/advertisers/acme/lists";

let served: ServedStore;
let keys: Record<string, string>;
before(async () => {
  served = await ServedStore.make();
  const [lists, contacts, showings, events] = await Promise.all([
    served.advertiser("acme"),
    served.key("contacts", { source: "local" }),
    served.key("showings"),
    served.key("events"),
  ]);
  await served.advertiser("beta");
  keys = { lists, contacts, showings, events };
});
after(() => served.remove());

interface Upload {
  readonly status: number;
  readonly code: string;
  readonly path: string;
  readonly key?: string;
  readonly headers?: () => Record<string, string>;
  /** What comes before the rest. */
  readonly begins?: string;
}

const form = "--cut\r\ncontent-disposition: form-data; name=unknown\r\n\r\nx\r\n--cut\r\n";
const file = 'content-disposition: form-data; name=file; filename="x.csv"\r\n\r\nemail\r\n';
/** The head of a gzip member (RFC 1952), and what is none of its blocks. */
const noGzip = "\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff\xff\xff";
const uploads: readonly Upload[] = [
  { status: 401, code: "unauthorized", path: `${LISTS}?name=x` },
  { status: 401, code: "unauthorized", path: "/v1/contacts" },
  { status: 401, code: "unauthorized", path: "/v1/showings" },
  { status: 403, code: "forbidden", path: "/v1/contacts", key: "lists" },
  { status: 404, code: "unknown-advertiser", path: "/v1/advertisers/beta/lists?name=x", key: "lists" },
  { status: 404, code: "unknown-route", path: "/v1/nothing" },
  { status: 400, code: "malformed-request", path: `${LISTS}?name=x&unknown=1`, key: "lists" },
  { status: 400, code: "malformed-request", path: LISTS, key: "lists" },
  {
    ...{ status: 400, code: "malformed-request", path: `${LISTS}?name=x`, key: "lists", begins: form + file },
    headers: () => ({ "content-type": "multipart/form-data; boundary=cut" }),
  },
  { status: 400, code: "broken-gzip", path: "/v1/contacts", key: "contacts", begins: noGzip },
  { status: 400, code: "broken-gzip", path: "/v1/events", key: "events", begins: noGzip },
  { status: 400, code: "broken-gzip", path: "/v1/showings", key: "showings", begins: noGzip },
  { status: 400, code: "broken-gzip", path: `${LISTS}?name=x`, key: "lists", begins: noGzip },
  { status: 413, code: "body-too-long", path: "/v1/advertisers/acme/audiences", key: "lists" },
  {
    ...{ status: 413, code: "body-too-long", path: "/v1/session/password" },
    headers: () => ({ origin: served.server.origin }),
  },
  {
    ...{ status: 400, code: "malformed-request", path: "/v1/console/ingestContacts", begins: "no JSON\n" },
    headers: () => {
      const cookie = `solely=${served.solely.sessions.open({ is: "operator", name: "alice" })}`;
      return { origin: served.server.origin, cookie };
    },
  },
];

const headersOf = ({ key, headers }: Upload): Record<string, string> => ({
  "content-type": "text/csv",
  ...(key === undefined ? {} : { authorization: `Bearer ${keys[key]}` }),
  ...headers?.(),
});

function* bodyOf({ begins = "" }: Upload): Generator<Buffer> {
  if (begins !== "") yield Buffer.from(begins, "latin1");
  for (let i = 0; i < PIECES; i++) yield PIECE;
}

const told = ({ status, code, path }: Upload) => `${path}: ${status} ${code}`;

test("one who hears nothing before all is sent, as a browser, is let send it, and hears why it was refused", async () => {
  for (const upload of uploads) {
    const { host, hostname, port } = new URL(served.server.url);
    const socket = connect(Number(port), hostname);
    const length = PIECES * PIECE.length + (upload.begins ?? "").length;
    const head = { host, "content-length": String(length), ...headersOf(upload) };
    socket.write(`POST ${upload.path} HTTP/1.1\r\n`);
    for (const [name, value] of Object.entries(head)) socket.write(`${name}: ${value}\r\n`);
    socket.write("\r\n");
    for (const piece of bodyOf(upload)) if (!socket.write(piece)) await once(socket, "drain");
    let heard = "";
    for await (const bytes of socket) {
      heard += bytes;
      if (heard.endsWith("}")) break;
    }
    const { status, code } = JSON.parse(heard.slice(heard.indexOf("{")));
    assert.equal(told({ ...upload, status, code }), told(upload));
  }
});

test("a client that streams hears it while it sends", async () => {
  for (const upload of uploads) {
    const body = Readable.toWeb(Readable.from(bodyOf(upload), { objectMode: false })) as ReadableStream;
    const { status, json } = await served.ask(`POST ${upload.path}`, { headers: headersOf(upload), body });
    assert.equal(told({ ...upload, status, code: String(json.code) }), told(upload));
  }
});

const withoutCurl = spawnSync("curl", ["--version"]).status === 0 ? false : "no curl here";

test("curl hears it, and is done", { skip: withoutCurl }, async () => {
  for (const upload of uploads) {
    const headers = Object.entries(headersOf(upload)).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
    const args = ["--silent", "--show-error", "--request", "POST", "--upload-file", "-", ...headers];
    const curl = spawn("curl", [...args, served.server.url + upload.path], { stdio: ["pipe", "pipe", "inherit"] });
    curl.stdin.on("error", () => {});
    Readable.from(bodyOf(upload), { objectMode: false }).pipe(curl.stdin);
    const [answer, [exit]] = await Promise.all([text(curl.stdout), once(curl, "close")]);
    const { status, code } = JSON.parse(answer) as { status: number; code: string };
    assert.equal(exit, 0);
    assert.equal(told({ ...upload, status, code }), told(upload));
  }
});
