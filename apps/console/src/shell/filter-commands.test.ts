import { expect, it } from 'vitest';
import { filterCommands, groupTogether, splitByCloseness } from './filter-commands';

const commands = [
  { label: 'Ledger', words: 'events runs' },
  { label: 'API keys', words: 'create secret' },
  { label: 'Get started', words: 'first event key' },
];

it('finds by label and by words, all of them', () => {
  expect(filterCommands(commands, 'key').map((each) => each.label)).toEqual(['API keys', 'Get started']);
  expect(filterCommands(commands, 'event first').map((each) => each.label)).toEqual(['Get started']);
  expect(filterCommands(commands, 'nothing')).toEqual([]);
});

it('takes no letters from the middle of a word', () => {
  expect(filterCommands([{ label: 'Prices', words: 'contract rates' }], 'ac')).toEqual([]);
  expect(filterCommands([{ label: 'Prices', words: 'contract rates' }], 'con')).toHaveLength(1);
});

it('puts what begins with the text first and keeps all when nothing is typed', () => {
  expect(filterCommands([{ label: 'Big ledger', words: '' }, ...commands], 'le').map((each) => each.label)).toEqual(['Ledger', 'Big ledger']);
  expect(filterCommands(commands, '  ')).toHaveLength(3);
});

it('keeps a group together, where its best command stands', () => {
  const found = [{ id: 1, group: 'Settings' }, { id: 2, group: 'Go to' }, { id: 3, group: 'Settings' }];
  expect(groupTogether(found).map(({ id }) => id)).toEqual([1, 3, 2]);
});

it('tells what is called so from what is only about it', () => {
  const offered = [{ label: 'API keys', words: 'create secret' }, { label: 'Create an API key', words: '' }, { label: 'Team', words: 'name' }];
  const { close, remote } = splitByCloseness(offered, 'create api');
  expect([close.map(({ label }) => label), remote.map(({ label }) => label)]).toEqual([['Create an API key'], ['API keys']]);
});
