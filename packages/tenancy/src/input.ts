/** What people type, checked once, with sentences that say what to do. The router uses these schemas as they are. */
import { z } from 'zod';
import { isTimeZone } from '@outlay/kernel';
import { KEY_ABILITIES, ROLES } from './roles';

// Line breaks in a name would reach the subject of a letter.
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

function nameSchema(what: string): z.ZodType<string, string> {
  return z.string().trim().min(1, `Enter ${what}.`).max(100, 'At most 100 characters.').refine((text) => !CONTROL.test(text), 'Line breaks are not allowed here.');
}

export const teamNameSchema = nameSchema('the name of the team');
export const personNameSchema = nameSchema('your name');
export const keyNameSchema = nameSchema('a name that says where the key is used');

export const emailSchema = z.string().trim().toLowerCase().max(254, 'At most 254 characters.').pipe(z.email('Enter an e-mail address such as ana@example.com.'));

export const PASSWORD_LENGTH_MIN = 10;
export const newPasswordSchema = z.string().min(PASSWORD_LENGTH_MIN, `Use at least ${PASSWORD_LENGTH_MIN} characters.`).max(200, 'At most 200 characters.');
/** A password that is only compared: an old one may break today's rule. */
export const givenPasswordSchema = z.string().min(1, 'Enter your password.').max(1_000, 'The password is too long.');

export const timeZoneSchema = z.string().max(64).refine(isTimeZone, 'Name a time zone such as Europe/Berlin.');
export const lateWindowDaysSchema = z.int('Enter whole days.').min(0, 'At least 0 days.').max(35, 'At most 35 days.');
export const roleSchema = z.enum(ROLES, `Choose one of ${ROLES.join(', ')}.`);
export const environmentSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'Use 1 to 32 lower-case letters, digits or dashes, such as production.');
export const keyAbilitiesSchema = z.array(z.enum(KEY_ABILITIES)).min(1, 'Choose at least one ability.').max(8)
  .transform((abilities) => KEY_ABILITIES.filter((ability) => abilities.includes(ability)));
export const expiresInDaysSchema = z.int('Enter whole days.').min(1, 'At least 1 day.').max(3_650, 'At most 3,650 days.');
export const linkTokenSchema = z.string().min(1).max(200);
