import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseTrace } from './read-trace';

const header = 'TIMESTAMP,ContextTokens,GeneratedTokens';
const problemsOf = (text: string) => {
  const result = parseTrace(text);
  return result.ok ? [] : result.problems.map((problem) => `${problem.line}: ${problem.message}`);
};

describe('parseTrace', () => {
  it('reads rows with times relative to the first, to a fraction of a millisecond', () => {
    const result = parseTrace(`${header}\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n`);
    expect(result.ok && result.rows.map((row) => ({ ...row, atMs: Math.round(row.atMs * 1000) / 1000 }))).toEqual([
      { atMs: 0, contextTokens: 374, generatedTokens: 44 }, { atMs: 4314.579, contextTokens: 396, generatedTokens: 109 },
    ]);
  });

  it('puts rows in order of time and takes Windows line ends, a byte order mark and blank lines', () => {
    const result = parseTrace(`\uFEFF${header}\r\n2026-09-01T09:00:02Z,2,2\r\n\r\n2026-09-01 09:00:00,1,0\r\n`);
    expect(result.ok && result.rows.map((row) => [row.atMs, row.contextTokens])).toEqual([[0, 1], [2000, 2]]);
  });

  it('names every bad row with its line and what is wrong', () => {
    expect(problemsOf(`${header}\n2026-09-01 09:00:00,10,5\nyesterday,10,5\n2026-09-01 09:00:01,ten,5\n2026-09-01 09:00:02,10\n2026-09-01 09:00:03,10,-5\n2026-09-01 09:00:04,0,5\n2026-13-01 09:00:04,1,5\n`)).toEqual([
      '3: TIMESTAMP "yesterday" is not like 2026-09-01 09:00:00.000',
      '4: ContextTokens "ten" is not a whole number from 1 to 10000000',
      '5: needs 3 columns, has 2',
      '6: GeneratedTokens "-5" is not a whole number from 0 to 10000000',
      '7: ContextTokens "0" is not a whole number from 1 to 10000000',
      '8: TIMESTAMP "2026-13-01 09:00:04" is not like 2026-09-01 09:00:00.000',
    ]);
  });

  it('refuses a foreign header and a trace without requests, and stops after ten problems', () => {
    expect(problemsOf('time,a,b\n')).toEqual([`1: the first line must be "${header}", it is "time,a,b"`]);
    expect(problemsOf(`${header}\n\n`)).toEqual(['0: the trace has no requests']);
    expect(problemsOf(`${header}\n${'x,y,z\n'.repeat(50)}`)).toHaveLength(10);
  });
});

const azure = fileURLToPath(new URL('../../../../shared/data/traces/AzureLLMInferenceTrace_conv.csv', import.meta.url));

describe.skipIf(!existsSync(azure))('a real trace (skipped where ../shared/data/traces is absent)', () => {
  it('reads the Azure Public Dataset conversation trace whole', () => {
    const result = parseTrace(readFileSync(azure, 'utf8'));
    expect(result.ok && result.rows.length).toBe(19_366);
    expect(result.ok && result.rows.every((row, index) => index === 0 || row.atMs >= result.rows[index - 1]!.atMs)).toBe(true);
  });
});
