/**
 * The lives of contact points, as a table: what is given when, under which sort of notice, by whom.
 *
 * The cases that decide whether a matcher is right: ads then an exclusive promise, security then ads, both
 * at one instant or a moment apart, another spelling given later, a friend who gives or promises in
 * somebody's name. Weights are of 1,000.
 */
export interface Step {
  /** `promise`: one of the security notices; `friends`: one that asks for other people's contacts. */
  readonly gives: "ads" | "promise" | "plain" | "friends" | "profile";
  /** `first`, up to 400 days later, 40 days after that, or less than a second after the first. */
  readonly at: "first" | "second" | "third" | "moment";
  readonly spelled?: "otherwise";
  /** The account itself, a friend's account, or usually a friend. */
  readonly by?: "friend" | "mostly-friend";
}

interface Story {
  readonly weight: number;
  readonly steps: readonly Step[];
  /** A withdrawal between the first and the second step. */
  readonly isWithdrawnBetween?: boolean;
  /** The last row comes twice. */
  readonly isRepeated?: boolean;
}

const ads: Step = { gives: "ads", at: "first" };
const promise: Step = { gives: "promise", at: "first" };

export const SECURITY_STORY = 1;
export const SERVICE_STORY = 2;

export const stories: readonly Story[] = [
  { weight: 388, steps: [ads] },
  { weight: 430, steps: [promise] },
  { weight: 67, steps: [{ gives: "plain", at: "first" }] },
  { weight: 15, steps: [ads, { gives: "plain", at: "second" }] },
  { weight: 22, steps: [promise, { gives: "ads", at: "second" }] },
  { weight: 22, steps: [ads, { gives: "promise", at: "second", spelled: "otherwise" }] },
  { weight: 18, steps: [{ gives: "friends", at: "first", by: "mostly-friend" }] },
  { weight: 6, steps: [ads, { gives: "promise", at: "second" }, { gives: "ads", at: "third", spelled: "otherwise" }] },
  { weight: 8, steps: [ads, { gives: "ads", at: "second", spelled: "otherwise" }] },
  { weight: 4, steps: [ads, { gives: "ads", at: "second" }], isWithdrawnBetween: true },
  { weight: 2, steps: [ads, promise] },
  { weight: 1, steps: [ads, { gives: "promise", at: "moment" }] },
  { weight: 1, steps: [promise, { gives: "ads", at: "moment" }] },
  { weight: 3, steps: [{ gives: "ads", at: "first", by: "friend" }] },
  { weight: 2, steps: [ads, { gives: "promise", at: "second", by: "friend" }] },
  { weight: 1, steps: [ads, { gives: "friends", at: "second", by: "friend" }] },
  { weight: 8, steps: [{ gives: "profile", at: "first" }] },
  { weight: 2, steps: [ads], isRepeated: true },
];
