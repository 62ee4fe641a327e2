/** Opening the vault: its sealing keys are read, unwrapped where a key service guards them, and checked. */
import type { KeyFolder, KeyHistory } from "../token/index.js";
import { commandKeyService, type KeyCommands } from "./key-service.js";
import { SealingKeys } from "./sealing-keys.js";
import { Vault, type VaultRooms } from "./vault.js";

export interface VaultOptions {
  readonly folder: KeyFolder;
  readonly history: KeyHistory;
  /** Whether values are kept, or masks alone. */
  readonly keepsValues: boolean;
  readonly keyCommands?: KeyCommands | undefined;
}

/**
 * @throws {TokenError} when a key is missing or wrong
 * @throws {VaultError} code `key-service-failed`
 */
export async function openVault(rooms: VaultRooms, options: VaultOptions): Promise<Vault> {
  const { folder, history, keepsValues, keyCommands } = options;
  const service = keyCommands === undefined ? undefined : commandKeyService(keyCommands);
  return new Vault(await SealingKeys.open(folder, history, service), keepsValues, rooms);
}
