/** An advertiser's pages. */
import { say } from "../messages/index.js";
import { Frame, type Place, type Visit } from "../parts/frame.js";
import { AudiencesPage } from "./audiences.js";

const PLACES: readonly Place[] = [{ path: "/", name: say.advertiser.title, page: AudiencesPage }];

export function AdvertiserPages({ advertiser, login, ...visit }: Visit & { advertiser: string; login: string }) {
  return <Frame {...visit} who={`${advertiser} · ${login}`} places={PLACES} />;
}
