/**
 * Thin sets: members far apart, as an array in ascending order, none twice. A bitmap takes 41 to 62 bytes for every 65,536 numbers
 * in which it has 1 to 16 members, an array four bytes for each member.
 *
 * Of two sets of which one has far fewer members, each of these is looked for in the other; else both are gone through.
 */
import { lowerBound } from "../column/index.js";

/** Members of a container, on average, up to which a set is made thin; and up to which a thin one stays so. */
const MADE_THIN = 16;
const KEPT_THIN = 32;
/** As many always are. */
const FEW = 64;
const CONTAINER_BITS = 16;
/** So many times as many members are looked through rather than gone through. */
const FAR_FEWER = 16;

/** Whether a set is made thin. @param containers of 65,536 numbers in which it has members */
export const isThin = (size: number, containers: number): boolean => size <= FEW || size <= MADE_THIN * containers;

/** Whether members of a thin set still are one. */
export function staysThin(members: Uint32Array): boolean {
  if (members.length <= FEW) return true;
  let containers = 0;
  let last = -1;
  for (let i = 0; i < members.length; i++) {
    const container = members[i]! >>> CONTAINER_BITS;
    if (container !== last) containers++;
    last = container;
  }
  return members.length <= KEPT_THIN * containers;
}

export function isMember(members: Uint32Array, ordinal: number): boolean {
  return members[lowerBound(members, ordinal)] === ordinal;
}

/** @returns an array of its own */
export function union(a: Uint32Array, b: Uint32Array): Uint32Array {
  const [many, few] = a.length < b.length ? [b, a] : [a, b];
  const all = new Uint32Array(many.length + few.length);
  let [from, count] = [0, 0];
  if (few.length * FAR_FEWER < many.length) {
    for (let i = 0; i < few.length; i++) {
      const at = lowerBound(many, few[i]!, from);
      all.set(many.subarray(from, at), count);
      count += at - from;
      from = at;
      if (many[at] !== few[i]) all[count++] = few[i]!;
    }
  } else {
    for (let i = 0; i < few.length; i++) {
      const one = few[i]!;
      while (from < many.length && many[from]! < one) all[count++] = many[from++]!;
      if (many[from] !== one) all[count++] = one;
    }
  }
  all.set(many.subarray(from), count);
  count += many.length - from;
  return count === all.length ? all : all.slice(0, count);
}

export function intersection(a: Uint32Array, b: Uint32Array): Uint32Array {
  const [many, few] = a.length < b.length ? [b, a] : [a, b];
  const both = new Uint32Array(few.length);
  let count = 0;
  meet(many, few, (i) => {
    both[count++] = few[i]!;
    return true;
  });
  return both.slice(0, count);
}

export function intersectionSize(a: Uint32Array, b: Uint32Array): number {
  const [many, few] = a.length < b.length ? [b, a] : [a, b];
  let count = 0;
  meet(many, few, () => ++count > 0);
  return count;
}

export function haveCommon(a: Uint32Array, b: Uint32Array): boolean {
  const [many, few] = a.length < b.length ? [b, a] : [a, b];
  let isCommon = false;
  meet(many, few, () => {
    isCommon = true;
    return false;
  });
  return isCommon;
}

/** Members of a that b lacks. */
export function difference(a: Uint32Array, b: Uint32Array): Uint32Array {
  const rest = new Uint32Array(a.length);
  let [from, count] = [0, 0];
  if (a.length * FAR_FEWER < b.length) {
    let at = 0;
    for (let i = 0; i < a.length; i++) {
      at = lowerBound(b, a[i]!, at);
      if (b[at] !== a[i]) rest[count++] = a[i]!;
    }
    return rest.slice(0, count);
  }
  // What lies between two that are left out is copied as it is.
  meet(a, b, (_, at) => {
    rest.set(a.subarray(from, at), count);
    count += at - from;
    from = at + 1;
    return true;
  });
  rest.set(a.subarray(from), count);
  count += a.length - from;
  return rest.slice(0, count);
}

export function areEqual(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Tells of members of both: the place in `few`, and in `many`; in order, until it is told false.
 * @param many has about as many as `few`, or more
 */
function meet(many: Uint32Array, few: Uint32Array, tell: (i: number, at: number) => boolean): void {
  const isFar = few.length * FAR_FEWER < many.length;
  for (let i = 0, at = 0; i < few.length && at < many.length; i++) {
    const one = few[i]!;
    if (isFar) at = lowerBound(many, one, at);
    else while (many[at]! < one) at++;
    if (many[at] === one && !tell(i, at)) return;
  }
}
