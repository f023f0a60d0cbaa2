import { BUCKET_MS } from '@outlay/kernel';
import type { DemoStory } from '@outlay/tenancy';

export const DEMO_EVENTS = 250_000;
const DEMO_SEED = 1;

/** A history that ends now: on a quarter of an hour, so that two that are made within one are the same. */
export function newStory(nowMs: number, { events = DEMO_EVENTS, seed = DEMO_SEED }: { readonly events?: number; readonly seed?: number } = {}): DemoStory {
  return { seed, events, endsAt: new Date(Math.floor(nowMs / BUCKET_MS) * BUCKET_MS) };
}
