import { Link } from '@tanstack/react-router';
import { TEXT_LINK } from '../account/account-layout';
import { buildSnippets, SECRET_PLACEHOLDER, type SnippetKind } from '../start/snippets';
import { CodeBlock } from '../ui/code-block';
import { CLIENT_NOTES } from './client-notes';
import { C, H, List, P } from './prose';

/** The same program as on the start page, which a test runs as it is printed. */
function ClientGuide({ kind }: { readonly kind: SnippetKind }) {
  const snippet = buildSnippets({ secret: SECRET_PLACEHOLDER, origin: window.location.origin }).find((each) => each.kind === kind);
  const { intro, covers } = CLIENT_NOTES[kind];
  if (!snippet) return null;
  return (
    <>
      <P>{intro}</P>
      <H>The program</H>
      {snippet.install ? <CodeBlock code={snippet.install} language="shell" title="Terminal" /> : null}
      <CodeBlock code={snippet.code} language={snippet.language} title={snippet.file} />
      <P>
        {snippet.note} Put an API key with the ability <C>ingest</C> in the place of <C>{SECRET_PLACEHOLDER}</C>; in your own code, read it from the environment.
      </P>
      <H>Good to know</H>
      <List>
        {covers.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </List>
      <P>
        <Link to="/start" className={TEXT_LINK}>Get started</Link> fills in a key of your team and waits for the event with you. Next:{' '}
        <Link to="/docs/$guide" params={{ guide: 'runs' }} className={TEXT_LINK}>runs and outcomes</Link>.
      </P>
    </>
  );
}

export const OpenAIGuide = () => <ClientGuide kind="openai" />;
export const AnthropicGuide = () => <ClientGuide kind="anthropic" />;
export const GoogleGuide = () => <ClientGuide kind="google" />;
export const AiSdkGuide = () => <ClientGuide kind="ai-sdk" />;
export const FetchGuide = () => <ClientGuide kind="fetch" />;
export const PythonGuide = () => <ClientGuide kind="python" />;
export const CurlGuide = () => <ClientGuide kind="curl" />;
