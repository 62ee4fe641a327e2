/** Copies bytes, sixteen at a time. @returns where the copy ends */
export function copied(start: u32, end: u32, out: u32): u32 {
  const length = end - start;
  for (let i: u32 = 0; i < length; i += 16) v128.store(out + i, v128.load(start + i));
  return out + length;
}
