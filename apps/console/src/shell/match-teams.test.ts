import { expect, it } from 'vitest';
import { matchTeams } from './match-teams';

const teams = ['Northwind AI', 'acme', 'Wind Farm', 'Zebra'].map((name) => ({ name }));
const names = (typed: string) => matchTeams(teams, typed).map(({ name }) => name);

it('lists every team by name until something is typed', () => {
  expect(names(' ')).toEqual(['acme', 'Northwind AI', 'Wind Farm', 'Zebra']);
});

it('finds by any part of the name, its beginning first', () => {
  expect(names('WIND')).toEqual(['Wind Farm', 'Northwind AI']);
  expect(names('nobody')).toEqual([]);
});
