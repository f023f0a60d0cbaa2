import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { readArguments } from './read-arguments';

const defaults = { url: 'http://localhost:4400', apiKeys: ['ol_production_env'] };
const quiet = () => new Command().exitOverride().configureOutput({ writeErr: () => undefined });
const read = (...args: string[]) => readArguments(args, defaults, quiet());

describe('readArguments', () => {
  it('has defaults from the environment', () => {
    expect(read()).toEqual({ trace: undefined, speed: 20, requests: undefined, seed: 1, url: defaults.url, apiKeys: defaults.apiKeys });
  });

  it('takes every option, keys more than once', () => {
    expect(read('--trace', 'a.csv', '--speed', 'max', '--requests', '50', '--seed', '7', '--url', 'http://h:1', '--api-key', 'ol_a_1', '--api-key', 'ol_b_2')).toEqual({
      trace: 'a.csv', speed: 'max', requests: 50, seed: 7, url: 'http://h:1', apiKeys: ['ol_a_1', 'ol_b_2'],
    });
  });

  it('takes the chat with and without a port', () => {
    expect([read().chat, read('--chat').chat, read('--chat', '0').chat, read('--chat=8080').chat]).toEqual([undefined, 4410, 0, 8080]);
  });

  it.each([['--chat', '70000'], ['--chat', 'x'], ['--speed', '0'], ['--speed', 'fast'], ['--requests', '-1'], ['--requests', '1.5'], ['--seed', 'x'], ['--nonsense', '1']])('refuses %s %s', (...args) => {
    expect(() => read(...args)).toThrow();
  });
});
