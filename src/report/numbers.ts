/**
 * Numbers and instants as a report writes them: whole, grouped by threes, with their value for a program beside them; and
 * bounds, where the records allow more than one number.
 */
import { html, type Markup } from "./markup.js";

/** The least and the most that a number can be; an exact one is both. */
export interface Bounds {
  readonly atLeast: number;
  readonly atMost: number;
}

export const exactly = (number: number): Bounds => ({ atLeast: number, atMost: number });
export const isExact = ({ atLeast, atMost }: Bounds): boolean => atLeast === atMost;

export const count = (number: number): string => number.toLocaleString("en");
export const figure = (number: number): Markup => html`<data value="${number}">${count(number)}</data>`;

/** An instant, to the second. */
export function time(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/**
 * Bounds in the middle of a sentence, with what they count.
 * @example spoken({ atLeast: 2, atMost: 3 }, "person", "people") // at least 2 and at most 3 people
 */
export function spoken(bounds: Bounds, one: string, many: string): Markup {
  const { atLeast, atMost } = bounds;
  const most = html`${figure(atMost)} ${atMost === 1 ? one : many}`;
  if (isExact(bounds)) return most;
  return atLeast === 0 ? html`at most ${most}` : html`at least ${figure(atLeast)} and at most ${most}`;
}

/** The numbers by which a report opens, in boxes. */
export function figures(entries: readonly (readonly [Bounds, string])[]): Markup {
  return html`<ul class="figures">${entries.map(
    ([bounds, what]) =>
      html`<li><b>${figure(bounds.atLeast)}${isExact(bounds) ? "" : html` <span>to ${figure(bounds.atMost)}</span>`}</b> ${what}</li>`,
  )}</ul>`;
}
