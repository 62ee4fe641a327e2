/**
 * Audiences that no list makes: those that are made of others, and the end of one. Each is a leaf, as what a list comes to is.
 */
import { type Access, requireName } from "../access/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Append } from "../store/index.js";
import type { Audience, Audiences } from "./audiences.js";
import { AudienceError } from "./error.js";
import { type Expression, encodeList, type ListHeader, type ListOperation, newId, operandsOf } from "./list-facts.js";

export interface DefineRooms {
  readonly log: Log;
  readonly access: Access;
  readonly audiences: Audiences;
  /** Attributes of accounts that expressions may name. */
  readonly config: { readonly sizes: { readonly attributes: readonly string[] } };
}

export interface CombineOptions extends Expression {
  readonly advertiser: string;
  readonly name: string;
  readonly actor: string;
  /** Asked when it is to count; throws to refuse. */
  readonly admit?: (() => void) | undefined;
}

/** Operands and attributes of one expression: each costs two draws at every release. */
const MAX_OPERANDS = 16;

/**
 * Makes an audience of others. It holds nobody until its size is released.
 * @throws {AudienceError} codes `name-exists`, `unknown-audience`, `malformed-expression`
 * @throws {AccessError} codes `invalid-name`, `unknown-advertiser`
 */
export async function combineAudiences(rooms: DefineRooms, options: CombineOptions): Promise<Audience> {
  const { access, audiences } = rooms;
  const { advertiser, name, actor, admit = () => {} } = options;
  const expression: Expression = {
    include: [...new Set(options.include)],
    exclude: [...new Set(options.exclude)],
    with: [...new Set(options.with)],
    without: [...new Set(options.without)],
  };
  requireName(name);
  access.advertiser(advertiser);
  const id = newId("a");
  await record(rooms, () => {
    admit();
    if (audiences.find(advertiser, name) !== undefined) {
      throw new AudienceError("name-exists", "there is an audience of this name already", "take another name");
    }
    requireUsable(rooms, advertiser, expression);
    const header = headerOf("create", { id, list: newId("l"), advertiser, name, expression }, actor);
    return { header, added: OrdinalSet.empty(), removed: OrdinalSet.empty() };
  });
  return audiences.get(id);
}

/**
 * Ends an audience: nothing of it is served from here on, and its name is free. What its releases cost is not given back.
 * @throws {AudienceError} codes `unknown-audience`, `audience-in-use`
 */
export async function deleteAudience(
  rooms: Pick<DefineRooms, "log" | "audiences">,
  options: {
    readonly audience: string;
    readonly advertiser?: string | undefined;
    readonly actor: string;
    readonly admit?: (() => void) | undefined;
  },
): Promise<void> {
  const { audiences } = rooms;
  await record(rooms, () => {
    options.admit?.();
    const audience = audiences.get(options.audience, options.advertiser);
    const user = audiences
      .list(audience.advertiser)
      .find(({ expression }) => expression !== undefined && operandsOf(expression).includes(audience.id));
    if (user !== undefined) {
      throw new AudienceError("audience-in-use", "another audience is made of this one", `delete ${user.id} first`);
    }
    audiences.prune();
    const header = headerOf("delete", audience, options.actor);
    return { header, added: OrdinalSet.empty(), removed: audience.matched.clone() };
  });
}

/** The leaf by which an audience that is made of others comes to hold these members, and what makes it count. */
export function membersEntry(
  { log, audiences }: Pick<DefineRooms, "log" | "audiences">,
  audience: Audience,
  { members, actor, position }: { members: OrdinalSet; actor: string; position: number },
): { entry: Append; publish(): void; undo(): void } {
  const { matched } = audience;
  const header = headerOf("replace", audience, actor);
  return sealed(
    { log, audiences },
    { header, added: members.andNot(matched), removed: matched.andNot(members) },
    position,
  );
}

interface Outcome {
  readonly header: ListHeader;
  readonly added: OrdinalSet;
  readonly removed: OrdinalSet;
}

function sealed(
  { log, audiences }: Pick<DefineRooms, "log" | "audiences">,
  { header, added, removed }: Outcome,
  position: number,
): { entry: Append; publish(): void; undo(): void } {
  const timeMs = log.writer.nowMs();
  const undo = () => {
    added.dispose();
    removed.dispose();
  };
  return {
    entry: log.entry({ kind: LeafKind.list, timeMs, ...encodeList({ header, added, removed }) }),
    publish: () => {
      audiences.applyList(header, added, removed, position, timeMs);
      undo();
    },
    undo,
  };
}

async function record(rooms: Pick<DefineRooms, "log" | "audiences">, make: () => Outcome): Promise<void> {
  const { writer } = rooms.log;
  const { done } = await writer.exclusiveSettled(() => {
    const { position } = writer;
    const { entry, publish, undo } = sealed(rooms, make(), position);
    return { done: writer.seal({ entries: [entry], publish, undo }) };
  });
  await done;
}

function headerOf(
  operation: ListOperation,
  { id, list, advertiser, name, expression }: Pick<Audience, "id" | "list" | "advertiser" | "name" | "expression">,
  actor: string,
): ListHeader {
  return {
    ...{ actor, advertiser, match: newId("m"), audience: id, list, name, operation, scheme: "plain" },
    ...{ rows: 0, usable: 0, refused: 0 },
    ...(expression === undefined ? {} : { expression }),
  };
}

/** @throws {AudienceError} codes `unknown-audience`, `malformed-expression` */
function requireUsable({ audiences, config }: DefineRooms, advertiser: string, expression: Expression): void {
  const malformed = (what: string, fix: string) => new AudienceError("malformed-expression", what, fix);
  const { include, exclude } = expression;
  const attributes = [...expression.with, ...expression.without];
  const operands = include.length + exclude.length + attributes.length;
  if (include.length === 0) throw malformed("include: names no audience", "name at least one");
  if (operands < 2) throw malformed("an expression of one audience is that audience", "name something else besides");
  if (operands > MAX_OPERANDS) throw malformed(`more than ${MAX_OPERANDS} operands`, "use fewer");
  for (const id of operandsOf(expression)) {
    if (audiences.get(id, advertiser).expression !== undefined) {
      throw malformed(`${id} is itself made of others`, "name audiences of lists");
    }
  }
  const unknown = attributes.find((name) => !config.sizes.attributes.includes(name));
  if (unknown === undefined) return;
  throw malformed(`${JSON.stringify(unknown.slice(0, 64))} is no attribute that may be named`, "ask the platform");
}
