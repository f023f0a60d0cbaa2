import { expect, it } from 'vitest';
import { navigationFor } from './navigation';

const pathsOf = (me: Parameters<typeof navigationFor>[0]) => navigationFor(me).flatMap((group) => group.items.map((item) => item.to));

it('leads only into rooms that the role may enter', () => {
  expect(pathsOf({ abilities: [], mailbox: false }).slice(0, 3)).toEqual(['/', '/ledger', '/docs']);
  expect(pathsOf({ abilities: ['prices.read', 'ledger.read'], mailbox: false }).slice(0, 10)).toEqual(['/', '/workflows', '/models', '/customers', '/spend', '/forecast', '/ledger', '/quarantine', '/prices', '/balance']);
  expect(pathsOf({ abilities: ['keys.read', 'keys.manage', 'audit.read'], mailbox: false })).toContain('/settings/audit');
});

it('shows the mailbox only where mail lands in it', () => {
  expect(pathsOf({ abilities: [], mailbox: true })).toContain('/dev/mailbox');
  expect(pathsOf({ abilities: [], mailbox: false })).not.toContain('/dev/mailbox');
});
