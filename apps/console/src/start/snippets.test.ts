import { describe, expect, it } from 'vitest';
import { buildSnippets } from './snippets';

const snippets = buildSnippets({ secret: 'ol_production_abc123', origin: 'https://outlay.example.com' });

describe('the snippets of the first event', () => {
  it.each(snippets.map((snippet) => [snippet.kind, snippet] as const))("%s carries the real key and this console's address", (_kind, snippet) => {
    expect(snippet.code).toContain('ol_production_abc123');
    expect(snippet.code).toContain('https://outlay.example.com');
  });

  it('sends JSON whose sums are right once the shell has filled in the time', () => {
    const curl = snippets.find((snippet) => snippet.kind === 'curl')?.code ?? '';
    const body = curl.slice(curl.indexOf('{"events"'), curl.lastIndexOf('EOF')).replace(/\$\(date \+%s\)/, '1').replace(/\$\(date -u [^)]*\)/, '2026-11-21T12:00:00Z');
    const { events } = JSON.parse(body) as { events: { occurred_at: string; usage: Record<'prompt_tokens' | 'completion_tokens' | 'total_tokens', number> }[] };
    expect(events).toHaveLength(1);
    expect(events[0]?.occurred_at).toBe('2026-11-21T12:00:00Z');
    const usage = events[0]?.usage;
    expect((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0)).toBe(usage?.total_tokens);
  });
});
