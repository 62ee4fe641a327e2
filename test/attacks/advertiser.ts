/**
 * All that an advertiser can do to a system: HTTP with its key. Attack programs have this, and nothing else of a system.
 * The calls are those of `docs/api.md`; to attack a platform of your own, answer them or rewrite this file.
 */
import { Agent, request } from "node:http";
import type { Credentials } from "./bed.js";

/** What an advertiser is shown of an audience. */
export interface View {
  readonly audience: string;
  readonly name: string;
  readonly status: string;
  /** Besides these, bounds or whatever else a system shows. */
  readonly size: null | { readonly value: number; readonly releasedAt: string };
}

export interface Expression {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly with?: readonly string[];
  readonly without?: readonly string[];
}

export interface List {
  readonly name: string;
  readonly operation?: "create" | "append" | "remove" | "replace";
  readonly scheme?: "plain" | "google";
  /** The header, then one line a row. */
  readonly rows: readonly string[];
}

export class Answer {
  constructor(
    readonly status: number,
    readonly headers: readonly (readonly [string, string])[],
    readonly text: string,
    /** From the end of the question to the end of the answer. */
    readonly ms: number,
  ) {}

  /** @throws where the call was refused, or the body is no JSON */
  get json(): unknown {
    if (this.status !== 200) throw new Error(`answered ${this.status}: ${this.text}`);
    return JSON.parse(this.text);
  }
}

/** Idle connections are given up before any server does it, in the middle of the next request. */
const IDLE_MS = 2000;
/** Requests on their way at once, over all attackers: answers to lists wait for a whole second. */
const agent = new Agent({ keepAlive: true, maxSockets: 400, timeout: IDLE_MS });

export class Advertiser {
  constructor(readonly credentials: Credentials) {}

  get name(): string {
    return this.credentials.name;
  }

  /** Uploads a list, or changes one. */
  async upload(list: List): Promise<View> {
    return (await this.answerToUpload(list)).json as View;
  }

  /** @param path another way in than the advertiser's own */
  answerToUpload({ name, operation, scheme, rows }: List, path = `${this.#home}/lists`): Promise<Answer> {
    const query = new URLSearchParams({
      name,
      ...(operation === undefined ? {} : { operation }),
      ...(scheme === undefined ? {} : { scheme }),
    });
    return this.ask("POST", `${path}?${query}`, rows.join("\n"), "text/csv");
  }

  async audiences(): Promise<readonly View[]> {
    const { audiences } = (await this.answerToAudiences()).json as { audiences: View[] };
    return audiences;
  }

  answerToAudiences(): Promise<Answer> {
    return this.ask("GET", `${this.#home}/audiences`);
  }

  async read({ audience }: Pick<View, "audience">): Promise<View> {
    return (await this.answerToRead(audience)).json as View;
  }

  answerToRead(audience: string): Promise<Answer> {
    return this.ask("GET", `${this.#home}/audiences/${audience}`);
  }

  /** Makes an audience out of others; undefined where that is refused. */
  async combine(expression: Expression): Promise<View | undefined> {
    const answer = await this.ask("POST", `${this.#home}/audiences`, JSON.stringify(expression), "application/json");
    return answer.status >= 400 && answer.status < 500 ? undefined : (answer.json as View);
  }

  async delete({ audience }: Pick<View, "audience">): Promise<void> {
    (await this.ask("DELETE", `${this.#home}/audiences/${audience}`)).json;
  }

  get #home(): string {
    return `/v1/advertisers/${this.name}`;
  }

  ask(method: string, path: string, body = "", type = ""): Promise<Answer> {
    const { url, key } = this.credentials;
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${key}`,
        ...(body === "" ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) }),
      };
      let sentAt = 0;
      const asked = request(url + path, { method, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const ms = performance.now() - sentAt;
          const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
          resolve(new Answer(response.statusCode ?? 0, headers, Buffer.concat(chunks).toString("utf8"), ms));
        });
      });
      asked.on("error", reject);
      asked.on("finish", () => (sentAt = performance.now()));
      asked.end(body);
    });
  }
}
