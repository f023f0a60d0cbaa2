import { C, Facts, H, List, P } from './prose';
import { Sample } from './sample';
import outcome from './samples/outcome.txt?raw';
import run from './samples/run.txt?raw';

export function RunsGuide() {
  return (
    <>
      <P>
        A run is one execution of a workflow: it asks the gate, makes its calls, with their retries and fallbacks, and states one outcome. It is what turns the price of tokens into the price of an answer. Calls of wrapped clients
        inside <C>action</C> join the run by themselves.
      </P>
      <Sample text={run} language="ts" title="your code" />
      <H>Attempts</H>
      <P>
        When a call fails in a way that another try may mend (408, 409, 429, 5xx, a lost connection, a timeout), <C>action</C> runs again: first with the same model (a retry), then with the next of <C>models</C> (a
        fallback). Each attempt is a row of its own, so that what retries cost is not hidden in an average.
      </P>
      <Facts
        rows={[
          [<C key="a">retry.attemptsPerModel</C>, '2 unless you say otherwise; what the client repeats by itself counts.'],
          [<C key="m">retry.maxAttempts</C>, '6 over all models.'],
          [<C key="u">retry.retryUnusable</C>, 'Also when the result is not usable. Off; never for streams.'],
          [<C key="d">retry.decide</C>, 'Your own rule: retry, fallback or stop.'],
          [<C key="t">timeoutMs, signal</C>, 'End an attempt. A call that is broken off is recorded as aborted.'],
        ]}
      />
      <H>What counts as usable</H>
      <List>
        <li>
          What your <C>usable</C> callback says, if there is one: <C>true</C>, <C>false</C>, or <C>{'{ usable, units }'}</C>.
        </li>
        <li>A stream that failed or was cancelled is unusable.</li>
        <li>
          A returned value with a boolean <C>usable</C> speaks for itself.
        </li>
        <li>
          A <C>Response</C> is usable when it is <C>ok</C>. Everything else that came back is usable.
        </li>
      </List>
      <P>
        If the action returns a stream or a <C>Response</C>, the run ends when that stream ends, not before. Return it itself, not an object that holds it.
      </P>
      <H>What is kept with the run</H>
      <Facts
        rows={[
          [<C key="e">entitlement</C>, 'What you know of the customer’s plan at that moment: JSON, stored once by its content and shown in the row’s drawer. Its active_price_id becomes the run’s price.'],
          [<C key="c">caps.maxContextTokens</C>, 'Enforced before the call when the size of the input is known (inputTokens); else it warns.'],
          [<C key="s">caps.softDailyCost</C>, 'Warns when the customer’s cost of today has reached it. The day is the one of your team’s time zone.'],
          [<C key="r">record()</C>, 'Cost that is not a model’s: retrieval, tools, OCR. It counts into the run.'],
        ]}
      />
      <H>Outcomes without the SDK</H>
      <P>
        Send the calls with a <C>run_id</C> of your own, and at the end one event of kind <C>outcome</C> with the same <C>run_id</C>. They may come in any order, days apart, and from several processes.
      </P>
      <Sample text={outcome} language="shell" title="Terminal" />
      <P>
        A run has one outcome. The same one again is a <C>duplicate</C>, another one a <C>conflict</C>; a wrong outcome is corrected.
      </P>
      <H>Without an outcome</H>
      <P>A run that never states an outcome is open until 24 hours after its last event, and unknown after that. A late outcome still fills it.</P>
    </>
  );
}
