import { useMemo, useState } from 'react';
import { CodeBlock } from '../ui/code-block';
import { Tabs } from '../ui/tabs';
import { buildSnippets, SECRET_PLACEHOLDER, type SnippetKind } from './snippets';

export function SnippetStep({ secret }: { readonly secret: string | null }) {
  const [kind, setKind] = useState<SnippetKind>('openai');
  const snippets = useMemo(() => buildSnippets({ secret: secret ?? SECRET_PLACEHOLDER, origin: window.location.origin }), [secret]);
  const snippet = snippets.find((each) => each.kind === kind);
  return (
    <Tabs label="Snippet" options={snippets.map((each) => ({ value: each.kind, label: each.label }))} value={kind} onChange={setKind}>
      {snippet ? (
        <div className="mt-3 space-y-3" data-testid={`snippet-${snippet.kind}`}>
          {snippet.install ? <CodeBlock code={snippet.install} language="shell" /> : null}
          <CodeBlock code={snippet.code} language={snippet.language} title={snippet.file} />
          <p className="text-xs text-ink-3">{snippet.note}</p>
        </div>
      ) : null}
    </Tabs>
  );
}
