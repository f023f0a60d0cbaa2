import { CodeBlock } from '../ui/code-block';
import { C, Facts, H, List, P } from './prose';

const RUN = `const answer = await outlay.run({
  workflow: 'pdf_question',
  customerId: 'acme',
  userId: 'u_318',
  models: ['gpt-4.1-mini', 'gpt-4.1'],
  entitlement: { plan: 'pro', active_price_id: 'price_123' },
  caps: { maxContextTokens: 12_000, softDailyCost: '4.00' },
  usable: (answer) => answer.choices[0].message.content !== null,
  action: async ({ model, signal, record }) => {
    const chunks = await retrieve(question);
    record({ kind: 'retrieval', quantity: chunks.length, unit: 'chunk', cost: '0.0004' });
    return openai.chat.completions.create({ model, messages: build(chunks) }, { signal });
  },
});`;

export function RunsGuide() {
  return (
    <>
      <P>
        A run is one execution of a workflow: its calls, with their retries and fallbacks, and then one outcome. It is what turns the price of tokens into the price of an answer. Calls of wrapped clients
        inside <C>action</C> join the run by themselves.
      </P>
      <CodeBlock code={RUN} language="ts" title="your code" />
      <H>Attempts</H>
      <P>
        When a call fails in a way that another try may mend, <C>action</C> runs again: first with the same model (a retry), then with the next of <C>models</C> (a fallback). Each attempt is a row of its own, so
        that what retries cost is not hidden in an average.
      </P>
      <H>What counts as usable</H>
      <List>
        <li>
          What your <C>usable</C> callback says, if there is one.
        </li>
        <li>A stream that failed or was cancelled is unusable.</li>
        <li>
          A returned value with a boolean <C>usable</C> speaks for itself.
        </li>
        <li>
          A <C>Response</C> is usable when it is <C>ok</C>. Everything else that came back is usable.
        </li>
      </List>
      <P>If the action returns a stream, the run ends when that stream ends, not before.</P>
      <H>What is kept with the run</H>
      <Facts
        rows={[
          [<C key="e">entitlement</C>, 'What you know of the customer’s plan at that moment: JSON, stored once by its content and shown in the row’s drawer. Its active_price_id becomes the run’s price.'],
          [<C key="c">caps.maxContextTokens</C>, 'Enforced before the call when the size of the input is known.'],
          [<C key="s">caps.softDailyCost</C>, 'Warns when the customer’s cost of today has reached it. The day is the one of your team’s time zone.'],
          [<C key="r">record()</C>, 'Cost that is not a model’s: retrieval, tools, OCR. It counts into the run.'],
        ]}
      />
      <H>Without an outcome</H>
      <P>A run that never states an outcome is open until its time to live has passed, and unknown after that. A late outcome still fills it.</P>
    </>
  );
}
