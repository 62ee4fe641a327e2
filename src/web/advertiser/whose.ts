/** Whose pages these are. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";

export const Whose = createContext("");

/** Name of the advertiser that somebody is signed in for. */
export const useAdvertiser = (): string => useContext(Whose);

/** Where its things are in the API. */
export const apiOf = (advertiser: string): string => `/v1/advertisers/${encodeURIComponent(advertiser)}`;
