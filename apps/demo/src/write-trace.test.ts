import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseTrace } from './read-trace';
import { writeTrace } from './write-trace';

it('the trace that ships is the one this module makes', () => {
  const shipped = readFileSync(new URL('../trace.csv', import.meta.url), 'utf8');
  expect(shipped).toBe(writeTrace());
  const parsed = parseTrace(shipped);
  expect(parsed.ok && parsed.rows.length).toBe(400);
});
