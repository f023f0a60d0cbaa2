/** Shapes that several answers share. Output schemas are what leaves the house: a field not named there stays inside. */
import { ROLES } from '@outlay/tenancy';
import { z } from 'zod';

/** A time as ISO-8601 text in UTC. */
export const instant = z.date().transform((at) => at.toISOString());
export const role = z.enum(ROLES);
export const done = z.object({ ok: z.literal(true) });
export const DONE = { ok: true } as const;

const uuid = z.uuid('This is not an id.');
export const id = uuid;
export const byId = z.object({ id: uuid });

/** A cursor is the id of the last row of the page before. */
export const cursor = uuid.optional();
export const isoTime = z.iso.datetime({ offset: true, error: 'Give a time such as 2026-11-21T07:00:00Z.' }).transform((text) => new Date(text));
