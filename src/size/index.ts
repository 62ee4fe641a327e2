/**
 * Size: how large an audience is, released with noise that is drawn once, charged to who asked for it, and kept.
 */
export { epsilonOf, guessedRight } from "./accounting.js";
export { tickOf } from "./due.js";
export { type ReleaseRooms, type ReleaseRun, releaseDue } from "./release-due.js";
export { Releases } from "./releases.js";
export { type SizeTerms, sizesSchema } from "./terms.js";
export {
  type AudienceStatus,
  type AudienceView,
  audienceStatus,
  type BudgetView,
  type ReleaseView,
  type SizeView,
  viewAudience,
  viewBudget,
  viewBudgets,
  viewReleases,
} from "./view.js";
