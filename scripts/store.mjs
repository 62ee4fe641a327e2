// One store, as a script uses it: its commands, as you would type them, and its server.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./install.mjs";

const cli = join(root, "dist/src/cli/program/solely.js");

export class ScriptedStore {
  /** @param operators folder of its operators' keys: they are nobody's, and lie beside it, not among yours */
  constructor(data, operators = `${data}-operators`) {
    this.data = data;
    this.operators = operators;
    this.env = { ...process.env, SOLELY_DATA: data, SOLELY_OPERATORS: operators };
  }

  get configFile() {
    return join(this.data, "solely.json");
  }

  /** Where its server says what was asked of it: a line a request. */
  get logFile() {
    return join(this.data, "server.log");
  }

  get isThere() {
    return existsSync(this.configFile);
  }

  get config() {
    return JSON.parse(readFileSync(this.configFile, "utf8"));
  }

  /** Runs a command in front of you. */
  run(...args) {
    console.log(`$ solely ${args.map(shown).join(" ")}`);
    const { status } = spawnSync(process.execPath, [cli, ...args], { stdio: "inherit", env: this.env });
    if (status !== 0) throw new Error(`solely ${args[0]} exited with ${status}`);
  }

  /** Runs a command in front of you. @returns its answer, which is for the script */
  json(...args) {
    console.log(`$ solely ${args.map(shown).join(" ")}`);
    return this.asked(...args);
  }

  /** Runs, in front of you, a command that waits for a second signature. @returns the proposal's id */
  proposed(...args) {
    console.log(`$ solely ${args.map(shown).join(" ")}`);
    const { proposal, waiting } = JSON.parse(this.#answer(args, [1]));
    if (waiting !== true) throw new Error(`solely ${args[0]} does not wait for a second signature`);
    return proposal;
  }

  /** What a command answers, that is of no interest to you. */
  asked(...args) {
    return JSON.parse(this.#answer(args, [0]));
  }

  #answer(args, codes) {
    const { status, stdout } = spawnSync(process.execPath, [cli, ...args, "--json"], {
      stdio: ["inherit", "pipe", "inherit"],
      env: this.env,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (!codes.includes(status)) throw new Error(`solely ${args.slice(0, 2).join(" ")} exited with ${status}`);
    return stdout.toString();
  }

  /** Its server, once it answers. @returns where, and the code that it ends with */
  async serve(...args) {
    const log = openSync(this.logFile, "w", 0o600);
    const child = spawn(process.execPath, [cli, "serve", "--json", ...args], {
      stdio: ["ignore", "pipe", log],
      env: this.env,
    });
    closeSync(log);
    const ended = once(child, "exit").then(([code]) => code ?? 0);
    const { url, origin } = await new Promise((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (bytes) => {
        text += bytes;
        if (text.endsWith("\n")) resolve(JSON.parse(text));
      });
      child.once("exit", (code) =>
        reject(new Error(`solely serve exited with ${code}\n${readFileSync(this.logFile, "utf8")}`)),
      );
    });
    console.log(`\nserver at ${url}`);
    return { url, origin, ended, stop: (signal) => child.kill(signal) };
  }
}

export function title(text) {
  console.log(`\n\x1b[1m${text}\x1b[0m`);
}

/** Paths from here. */
export function shown(arg) {
  return arg.startsWith(root) ? relative(process.cwd(), arg) || "." : arg;
}
