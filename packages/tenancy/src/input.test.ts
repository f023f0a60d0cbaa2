import { expect, it } from 'vitest';
import { emailSchema, environmentSchema, keyAbilitiesSchema, newPasswordSchema, personNameSchema, teamNameSchema, timeZoneSchema } from './input';

const sentence = (schema: { safeParse(value: unknown): { success: boolean; error?: { issues: { message: string }[] } } }, value: unknown): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

it('reads an e-mail in one form', () => {
  expect(emailSchema.parse('  Ana@Example.COM ')).toBe('ana@example.com');
  expect(sentence(emailSchema, 'ana')).toBe('Enter an e-mail address such as ana@example.com.');
  expect(sentence(emailSchema, `${'a'.repeat(250)}@example.com`)).toBe('At most 254 characters.');
});

it('wants ten characters of a new password', () => {
  expect(sentence(newPasswordSchema, 'short-pwd')).toBe('Use at least 10 characters.');
  expect(newPasswordSchema.parse('  spaces  ')).toBe('  spaces  ');
});

it('takes no name that would break a letter apart', () => {
  expect(teamNameSchema.parse(' Acme ')).toBe('Acme');
  expect(sentence(teamNameSchema, '   ')).toBe('Enter the name of the team.');
  expect(sentence(personNameSchema, 'Ana\r\nBcc: all@example.com')).toBe('Line breaks are not allowed here.');
});

it('knows time zones, environments and abilities', () => {
  expect(timeZoneSchema.parse('Asia/Kolkata')).toBe('Asia/Kolkata');
  expect(sentence(timeZoneSchema, 'Mars/Base')).toBe('Name a time zone such as Europe/Berlin.');
  expect(environmentSchema.parse('staging-2')).toBe('staging-2');
  for (const wrong of ['', 'Production', 'a_b', '-a', 'a-', 'x'.repeat(33)]) expect(environmentSchema.safeParse(wrong).success).toBe(false);
  expect(keyAbilitiesSchema.parse(['read', 'ingest', 'read'])).toEqual(['ingest', 'read']);
  expect(sentence(keyAbilitiesSchema, [])).toBe('Choose at least one ability.');
});
