import { describe, expect, it } from 'vitest';
import { generateTenants, TENANT_KINDS } from './incident-generator';

const OPTIONS = { seed: 1, tenants: 8, days: 28, quietDays: 14, bucketMs: 300_000, incidentEveryDays: 3 };

describe('tenants with labelled incidents', () => {
  it('are the same for the same seed, and others for another', () => {
    const [a, b, c] = [generateTenants(OPTIONS), generateTenants(OPTIONS), generateTenants({ ...OPTIONS, seed: 2 })];
    expect(a).toEqual(b);
    expect(a[0]!.values).not.toEqual(c[0]!.values);
  });

  it('have one of each kind, incidents in the part that may have some, and spend only grows by them', () => {
    const tenants = generateTenants(OPTIONS);
    expect(tenants.map(({ kind }) => kind)).toEqual(TENANT_KINDS);
    for (const { name, startMs, bucketMs, values, usual, incidents } of tenants) {
      expect(incidents.length, name).toBeGreaterThan(1);
      for (const incident of incidents) expect(incident.startMs, name).toBeGreaterThan(startMs + 14 * 86_400_000);
      const inside = (i: number): boolean => incidents.some((each) => startMs + i * bucketMs >= each.startMs && startMs + i * bucketMs < each.endMs);
      for (let i = 0; i < values.length; i++) {
        if (inside(i)) expect(values[i]!, name).toBeGreaterThanOrEqual(usual[i]!);
        else expect(values[i]!, name).toBe(usual[i]!);
      }
    }
  });

  it('have a season where their kind has one', () => {
    const office = generateTenants(OPTIONS)[1]!;
    const perDay = 288;
    const day = (n: number): number => office.usual.slice(n * perDay, (n + 1) * perDay).reduce((sum, value) => sum + value, 0);
    expect(day(6)).toBeLessThan(day(2) * 0.5);
  });
});
