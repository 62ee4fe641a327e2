/**
 * Pairs of lists: what another system names, and the audience here, of the same advertiser and by audience id, list id or
 * name, whichever is equal.
 */
import type { Audience } from "../audience/index.js";
import type { ThereList } from "./there.js";

interface PairedLists {
  readonly audience: Audience;
  /** One, unless the file names the list in several ways. */
  readonly lists: readonly ThereList[];
}

interface Pairing {
  readonly paired: readonly PairedLists[];
  readonly unpairedThere: readonly ThereList[];
  readonly unpairedHere: readonly Audience[];
}

export function pairing(lists: readonly ThereList[], audiences: readonly Audience[]): Pairing {
  const named = new Map<string, Audience>();
  // An id means what it says, even if another list was given it for a name.
  for (const part of ["name", "list", "id"] as const) {
    for (const audience of audiences) named.set(keyOf(audience.advertiser, audience[part]), audience);
  }
  const found = new Map<Audience, ThereList[]>();
  const unpairedThere: ThereList[] = [];
  for (const list of lists) {
    const audience = named.get(keyOf(list.advertiser, list.list));
    if (audience === undefined) unpairedThere.push(list);
    else found.set(audience, [...(found.get(audience) ?? []), list]);
  }
  return {
    paired: [...found].map(([audience, own]) => ({ audience, lists: own })),
    unpairedThere,
    unpairedHere: audiences.filter((audience) => !found.has(audience)),
  };
}

const keyOf = (advertiser: string, name: string): string => JSON.stringify([advertiser, name]);
