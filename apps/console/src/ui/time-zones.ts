/** Every time zone the browser knows, with UTC and its own in any case. */
export function listTimeZones(): string[] {
  return [...new Set(['UTC', localTimeZone(), ...Intl.supportedValuesOf('timeZone')])].sort((a, b) => a.localeCompare(b));
}

export function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}
