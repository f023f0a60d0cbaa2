/** What a person types in to connect a provider: read, bounded, and kept apart into what may be shown and what may not. Pure. */
import { DomainError } from '@outlay/kernel';
import type { ProviderKind } from './adapter';

/** Base URL, organisation, project, table: what is no secret. */
export type ConnectionSettings = Readonly<Record<string, string | boolean>>;

const NAME_MAX = 80;
const SETTINGS_MAX = 20;
const SETTING_MAX = 500;
const CREDENTIALS_MIN = 8;
const CREDENTIALS_MAX = 20_000;
/** Whatever looks like a key would be stored in the open, and shown. */
const SECRET = /-----BEGIN|\b(sk|rk|pk)-[\w-]{16,}|\bya29\.|"private_key"/;
const SETTING_NAME = /^[a-z][a-zA-Z0-9]{0,39}$/;

/** Errors: `invalid_input` on `name`. */
export function readName(name: string, provider: ProviderKind): string {
  const text = name.trim();
  if (text === '') return `${provider[0]!.toUpperCase()}${provider.slice(1)}`;
  if (text.length > NAME_MAX || /\p{C}/u.test(text)) throw refuse('name', `A name has at most ${NAME_MAX} characters on one line.`);
  return text;
}

/** Empty ones are left out. Errors: `invalid_input` on `settings.<name>`. */
export function readSettings(settings: Readonly<Record<string, unknown>>): ConnectionSettings {
  const entries = Object.entries(settings);
  if (entries.length > SETTINGS_MAX) throw refuse('settings', `At most ${SETTINGS_MAX} settings.`);
  return Object.fromEntries(entries.flatMap(([name, value]): [string, string | boolean][] => {
    if (!SETTING_NAME.test(name)) throw refuse('settings', `"${name.slice(0, 40)}" is no name of a setting.`);
    if (value === null || value === undefined || value === '') return [];
    if (typeof value === 'boolean') return [[name, value]];
    if (typeof value !== 'string') throw refuse(`settings.${name}`, 'A text is expected here.');
    const text = value.trim();
    if (text.length > SETTING_MAX) throw refuse(`settings.${name}`, `At most ${SETTING_MAX} characters.`);
    if (SECRET.test(text)) throw refuse(`settings.${name}`, 'This looks like a key. Keys belong in the field of the key, where they are sealed.');
    if (isAddress(name)) readAddress(name, text);
    return text === '' ? [] : [[name, text]];
  }));
}

function readAddress(name: string, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw refuse(`settings.${name}`, 'An address such as https://api.example.com/v1.');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw refuse(`settings.${name}`, 'An address without user, password, query or fragment.');
}

/** Errors: `invalid_input` on `credentials`. */
export function readCredentials(credentials: string): string {
  const text = credentials.trim();
  if (text.length < CREDENTIALS_MIN) throw refuse('credentials', 'Enter the key.');
  if (text.length > CREDENTIALS_MAX) throw refuse('credentials', `A key has at most ${CREDENTIALS_MAX} characters.`);
  return text;
}

/** Enough to tell two keys apart: the last four characters; of a service account's file those of its key's id. */
export function hintOf(credentials: string): string {
  if (!credentials.startsWith('{')) return credentials.slice(-4);
  try {
    const { private_key_id: id } = JSON.parse(credentials) as { private_key_id?: unknown };
    return typeof id === 'string' ? id.slice(-4) : '';
  } catch {
    return '';
  }
}

/** Settings that decide where the key is sent to: whoever changes one must know the key, or it could be fetched that way. */
export function sameAddresses(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): boolean {
  const addresses = (settings: Readonly<Record<string, unknown>>): string => JSON.stringify(Object.entries(settings).filter(([name]) => isAddress(name)).sort());
  return addresses(before) === addresses(after);
}

function isAddress(name: string): boolean {
  return /url$/i.test(name);
}

export function refuse(field: string, message: string): DomainError {
  return new DomainError('invalid_input', { field, message });
}
