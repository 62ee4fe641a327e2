/**
 * Key services: who guards the sealing keys at rest. By default nobody does, and a key's file holds the key. With a
 * service the file holds what it made of the key, and the key itself is only ever in memory.
 *
 * A command stands for any of them (age, a cloud's KMS, an HSM behind PKCS#11): it gets bytes on stdin, answers bytes on
 * stdout, and is told the key's name as SOLELY_KEY. What it says on stderr is not kept: it might quote what it was given.
 */
import { spawn } from "node:child_process";
import { VaultError } from "./error.js";
import { VAULT_LIMITS } from "./limits.js";

export interface KeyService {
  wrap(name: string, key: Uint8Array): Promise<Uint8Array>;
  unwrap(name: string, wrapped: Uint8Array): Promise<Uint8Array>;
}

/** Program and arguments for each way. */
export interface KeyCommands {
  readonly wrap: readonly string[];
  readonly unwrap: readonly string[];
}

/** @throws {VaultError} code `key-service-failed`, from both ways */
export function commandKeyService({ wrap, unwrap }: KeyCommands): KeyService {
  return { wrap: (name, key) => run(wrap, name, key), unwrap: (name, wrapped) => run(unwrap, name, wrapped) };
}

async function run([program = "", ...args]: readonly string[], name: string, input: Uint8Array): Promise<Uint8Array> {
  const failed = (what: string) =>
    new VaultError(
      "key-service-failed",
      `the key service ${what} for the key ${name}`,
      "run the command of solely.json by hand, and see what it says",
    );
  const child = spawn(program, args, {
    env: { ...process.env, SOLELY_KEY: name },
    stdio: ["pipe", "pipe", "ignore"],
    timeout: VAULT_LIMITS.keyServiceMs,
  });
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    child.stdout.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > VAULT_LIMITS.wrappedKeyBytes) child.kill("SIGKILL");
      else pieces.push(piece);
    });
    child.stdin.on("error", () => {}); // it has ended; its exit says how
    child.once("error", () => reject(failed("can't be started")));
    child.once("close", (status) => {
      if (bytes > VAULT_LIMITS.wrappedKeyBytes) reject(failed("answered too much"));
      else if (status !== 0) reject(failed(status === null ? "did not answer in time" : `ended with ${status}`));
      else if (bytes === 0) reject(failed("answered nothing"));
      else resolve(Buffer.concat(pieces));
    });
    child.stdin.end(input);
  });
}
