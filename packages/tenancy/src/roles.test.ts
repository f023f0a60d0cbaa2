import { describe, expect, it } from 'vitest';
import { ABILITIES, abilitiesOf, isRole, roleCan, ROLES } from './roles';

// The whole table once more, by hand: a change of rights must be made in two places on purpose.
const TABLE = `
                     owner admin finance developer viewer
  team.manage          x     x
  members.read         x     x     x        x        x
  members.manage       x     x
  owners.manage        x
  keys.read            x     x              x
  keys.manage          x     x              x
  keys.grant_admin     x     x
  audit.read           x     x     x
  ledger.read          x     x     x        x        x
  ledger.correct       x     x     x
  ledger.prove         x     x     x        x
  workflows.manage     x     x              x
  views.manage         x     x     x        x
  prices.read          x     x     x        x        x
  prices.manage        x     x     x
  plans.read           x     x     x        x        x
  plans.manage         x     x     x
  customers.manage     x     x     x
  caps.manage          x     x     x        x
  credits.manage       x     x     x
  gate.read            x     x     x        x        x
  gate.manage          x     x              x
  providers.read       x     x     x        x        x
  providers.manage     x     x
  alerts.read          x     x     x        x        x
  alerts.manage        x     x     x        x
  alerts.act           x     x     x        x
  channels.manage      x     x
  budgets.manage       x     x     x
  jobs.read            x     x              x
  jobs.manage          x     x
  preflight.run        x     x
  data.export          x     x     x
  team.erase           x
`;

const lines = TABLE.split('\n').filter((line) => line.trim() !== '');
const header = lines[0]!;
const rows = lines.slice(1).map((line) => ({ ability: line.trim().split(' ')[0]!, line }));

describe('roles and abilities', () => {
  it('has a row in this test for every ability, and no other', () => {
    expect(rows.map((row) => row.ability)).toEqual(ABILITIES);
  });

  for (const { ability, line } of rows) {
    for (const role of ROLES) {
      // A cross stands below the letters of its role.
      const start = header.indexOf(role);
      const allowed = line.slice(start, start + role.length).includes('x');
      it(`${role} ${allowed ? 'may' : 'may not'} ${ability}`, () => {
        expect(roleCan(role, ability as (typeof ABILITIES)[number])).toBe(allowed);
      });
    }
  }

  it('lists what a role may do', () => {
    expect(abilitiesOf('viewer')).toEqual(['members.read', 'ledger.read', 'prices.read', 'plans.read', 'gate.read', 'providers.read', 'alerts.read']);
    expect(abilitiesOf('owner')).toEqual(ABILITIES);
  });

  it('knows a role from any other word', () => {
    expect(ROLES.every(isRole)).toBe(true);
    expect(isRole('root')).toBe(false);
  });
});
