/** When a price row applies: which model names it covers, and, for providers with peak hours, at which hours of the UTC day. */

/** How a model name is compared, in lower case. The catalogue's own language. */
export type MatchLogic =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly and: readonly MatchLogic[] }
  | { readonly or: readonly MatchLogic[] };

export interface ModelMatch {
  readonly when: MatchLogic;
  /** Taken over from another provider's list: any row of the provider's own comes first. */
  readonly fallback?: true;
  /** Only from this time of the UTC day (`01:00`) ... */
  readonly utcFrom?: string;
  /** ... until before this one; may lie after midnight. */
  readonly utcTo?: string;
}

/** No match; otherwise the more of the name it pins down, the greater. */
const NO_MATCH = -1;
const EXACT = 1_000_000;

/**
 * How closely `logic` covers `model` (lower case, trimmed): -1 for not at all, else the length of the text that matched, and
 * far more for an exact name. Rows of one provider are not ordered, so of two that match the closer one wins.
 */
export function matchCloseness(logic: MatchLogic, model: string): number {
  if ('equals' in logic) return model === logic.equals.toLowerCase() ? EXACT : NO_MATCH;
  if ('starts_with' in logic) return model.startsWith(logic.starts_with.toLowerCase()) ? logic.starts_with.length : NO_MATCH;
  if ('ends_with' in logic) return model.endsWith(logic.ends_with.toLowerCase()) ? logic.ends_with.length : NO_MATCH;
  if ('contains' in logic) return model.includes(logic.contains.toLowerCase()) ? logic.contains.length : NO_MATCH;
  if ('regex' in logic) return new RegExp(logic.regex).exec(model)?.[0].length ?? NO_MATCH;
  const members = 'or' in logic ? logic.or : logic.and;
  const each = members.map((member) => matchCloseness(member, model));
  if ('and' in logic && each.includes(NO_MATCH)) return NO_MATCH;
  return Math.max(NO_MATCH, ...each);
}

const COMPACT_DATE = /(-)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g;

/** The name with `-20250929` written as `-2025-09-29`, for lists that know a snapshot by the other form; null without such a date. */
export function withDashedDate(model: string): string | null {
  const dashed = model.replace(COMPACT_DATE, '$1$2-$3-$4');
  return dashed === model ? null : dashed;
}

/**
 * The model inside a cloud's resource name: `projects/p/locations/l/publishers/google/models/gemini-2.5-pro`, `models/gemini-2.5-pro`,
 * `google/gemini-2.5-pro` on Vertex AI, `arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-6`. Null where the name is no path.
 */
export function modelInPath(provider: string, model: string): string | null {
  const isPath = model.startsWith('arn:') || model.startsWith('models/') || model.includes('/models/') || (provider === 'google' && model.startsWith('google/'));
  return isPath ? model.slice(model.lastIndexOf('/') + 1) : null;
}

/** The location that Vertex AI's resource names state: `projects/p/locations/us-east5/publishers/...` -> `us-east5`. */
export function regionInPath(model: string): string {
  return /\/locations\/([^/]+)\//.exec(model)?.[1] ?? '';
}

/** Milliseconds into the UTC day of `01:00` or `01:00:30`. */
export function utcTimeMs(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
