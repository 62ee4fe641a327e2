/**
 * The load of `withdrawal-acknowledged-p99`, in a thread of its own: clients that send one request each at a time, on
 * connections that stay open, at a rate that does not wait for the answers. A request's time runs from when it was due, so one
 * that had to wait for its client counts that too. HTTP is written by hand: on two cores a client's own cost would be measured.
 */
import { connect, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { firstRows } from "./first-rows.js";

export interface LoadStart {
  readonly port: number;
  readonly path: string;
  readonly secret: string;
  /** The contacts that the store holds: the first rows of a CSV file. */
  readonly file: string;
  readonly rows: number;
  /** How many are sent: withdrawals of that many e-mail addresses, each of another row. */
  readonly requests: number;
  readonly perSecond: number;
  readonly clients: number;
  /** The first requests, that are not measured. */
  readonly warmUp: number;
}

export interface LoadResult {
  /** Milliseconds from when a request was due to its whole answer, in order of time. */
  readonly ms: Float64Array;
  /** From when the first was due to the last answer. */
  readonly seconds: number;
  /** Answers that did not say that one row was accepted. */
  readonly refused: number;
}

class Client {
  readonly #socket: Socket;
  readonly #send: (body: string) => string;
  #answer = "";
  #waiting: { readonly body: string; done(answer: string): void }[] = [];
  #isBusy = false;

  constructor(port: number, send: (body: string) => string) {
    this.#send = send;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("latin1").on("data", (text) => this.#take(String(text)));
    this.#socket.on("error", (error) => {
      throw error;
    });
  }

  ask(body: string, done: (answer: string) => void): void {
    this.#waiting.push({ body, done });
    this.#next();
  }

  #next(): void {
    if (this.#isBusy || this.#waiting.length === 0) return;
    this.#isBusy = true;
    this.#socket.write(this.#send(this.#waiting[0]!.body));
  }

  #take(text: string): void {
    this.#answer += text;
    const head = this.#answer.indexOf("\r\n\r\n");
    const length = /content-length: (\d+)/i.exec(this.#answer)?.[1];
    if (head < 0 || length === undefined || this.#answer.length < head + 4 + Number(length)) return;
    const answer = this.#answer;
    this.#answer = "";
    this.#isBusy = false;
    const { done } = this.#waiting.shift()!;
    this.#next();
    done(answer);
  }

  end(): void {
    this.#socket.destroy();
  }
}

async function withdrawals({ file, rows, requests }: LoadStart): Promise<string[]> {
  const plain: string[] = [];
  for await (const row of firstRows(file, rows)) if (/^[^,]+,email,[\w.+-]+@[\w-]+\.[a-z]+,/.test(row)) plain.push(row);
  const step = Math.floor(plain.length / requests);
  if (step === 0) throw new Error(`${plain.length} contacts are too few`);
  return Array.from({ length: requests }, (_, i) => {
    const [account, kind, value] = plain[i * step]!.split(",");
    return `${JSON.stringify({ type: "withdraw", account, kind, value, purpose: "ads.match" })}\n`;
  });
}

async function run(start: LoadStart): Promise<LoadResult> {
  const { port, path, secret, perSecond, clients, warmUp } = start;
  const bodies = await withdrawals(start);
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${secret}\r\n`;
  const send = (body: string) =>
    `${head}content-type: application/x-ndjson\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const all = Array.from({ length: clients }, () => new Client(port, send));
  const ms = new Float64Array(bodies.length);
  let [sent, answered, refused] = [0, 0, 0];
  const from = performance.now();
  const dueAt = (i: number) => from + (i * 1000) / perSecond;
  let last = from;
  await new Promise<void>((resolve) => {
    const tick = () => {
      for (; sent < bodies.length && dueAt(sent) <= performance.now(); sent++) {
        const i = sent;
        all[i % clients]!.ask(bodies[i]!, (answer) => {
          last = performance.now();
          ms[i] = last - dueAt(i);
          if (!answer.startsWith("HTTP/1.1 200") || !answer.includes('"accepted":1,')) refused++;
          if (++answered === bodies.length) resolve();
        });
      }
      if (sent < bodies.length) setTimeout(tick, 1);
    };
    tick();
  });
  for (const client of all) client.end();
  return { ms: ms.slice(warmUp), seconds: (last - dueAt(warmUp)) / 1000, refused };
}

void run(workerData).then((result) => parentPort!.postMessage(result));
