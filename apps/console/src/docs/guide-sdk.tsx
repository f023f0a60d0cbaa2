import { C, Facts, H, List, P } from './prose';
import { Sample } from './sample';
import down from './samples/sdk-down.txt?raw';
import { SDK_OPTIONS } from './sdk-reference';

export function SdkGuide() {
  return (
    <>
      <P>
        <C>@outlay/sdk</C> has no dependencies and runs on Node 20.19 or later and on edges. It comes from this server, <C>npm install {window.location.origin}/outlay-sdk.tgz</C>, so that the two fit. No prompt and no answer leaves your
        process with it.
      </P>
      <H>What it promises</H>
      <List>
        <li>It asks the gate once before a run, and from then on delays and breaks no call of yours. Of a request it changes one thing: how much may be written, where that is held. No error of a delivery reaches your code.</li>
        <li>Each call is recorded once, with an id that was made before the call and stays the same on every delivery.</li>
        <li>
          A recorded event is delivered, waiting, or counted as dropped. <C>stats()</C> says how many of each.
        </li>
        <li>
          What it throws itself is <C>OutlayError</C>: a wrong option, <C>context_too_large</C>, <C>attempt_timeout</C>; and <C>OutlayDenied</C> when the gate stops a run. What the provider throws stays what it was.
        </li>
      </List>
      <H>When Outlay is down</H>
      <P>
        Runs begin by the policy of their workflow, which is to let them; see Caps and the gate. Their calls go on as if nothing had happened. On Node each event is a line in a file before <C>record</C> returns, and stays there until the ledger has answered it. Deliveries are tried again with growing pauses, up to thirty seconds
        apart, for as long as the process lives; the next process with the same key sends what a dead one left. Days are no problem, up to 256 MB of events.
      </P>
      <List>
        <li>A call that was under way when the process died is recorded as unknown, with an estimate.</li>
        <li>Not covered: a machine that loses power, since nothing is synced to the platter, and a folder that goes away with its container. Name a volume as spoolDir in production.</li>
        <li>On edges there is no disk. Beyond 50,000 events or 16 MB the oldest are dropped, counted and said.</li>
        <li>The file holds what would be sent: no prompt, no answer, no key. It is readable by its user alone.</li>
      </List>
      <P>
        Before leaving by force, on SIGTERM and where a request ends the process, give it a moment. A process that ends by itself does so without being asked.
      </P>
      <Sample text={down} language="ts" title="your code" />
      <H>createOutlay</H>
      <P>Takes these and the tags below, which then hold for every call.</P>
      <Options of="OutlayOptions" />
      <H>Tags</H>
      <Options of="UsageTags" />
      <H>run</H>
      <P>One execution of a workflow. Takes the tags too.</P>
      <Options of="RunOptions" />
      <H>What is known of a run</H>
      <P>Options of run, too. The more is stated, the less has to be held.</P>
      <Options of="RunSize" />
      <H>Caps</H>
      <Options of="Caps" />
      <H>Retries</H>
      <P>Built in, 408, 409, 429, 5xx, lost connections and timeouts are tried again, and 404 goes on to the next model. Any other error is thrown at once.</P>
      <Options of="RetryPolicy" />
      <H>What action gets</H>
      <Options of="RunContext" />
      <H>wrapOpenAI, wrapAnthropic, wrapGoogle</H>
      <P>
        Take the client, and tags and these as a second argument. <C>outlayMiddleware</C> takes tags.
      </P>
      <Options of="WrapOptions" />
      <H>Delivery</H>
      <Options of="DeliverySettings" />
      <H>Everything else</H>
      <Facts
        rows={[
          [<C key="t">track(event)</C>, 'One event by itself, with an id or an idempotencyKey of your own.'],
          [<C key="r">record(entry)</C>, 'A model call without a wrapper, or cost that is not a model’s. Inside of a run it joins it.'],
          [<C key="w">withUsage(fn, tags)</C>, 'Tags around calls that are no run of yours.'],
          [<C key="f">flush()</C>, 'Resolves when everything recorded before it has its verdict: { delivered, pending }.'],
          [<C key="s">shutdown()</C>, 'The same, and takes nothing new. Calls that are still open are recorded as estimates.'],
          [<C key="c">stats()</C>, 'Counters: recorded, delivered by verdict, pending, dropped, adopted, openRuns and more.'],
        ]}
      />
    </>
  );
}

function Options({ of }: { readonly of: keyof typeof SDK_OPTIONS }) {
  return <Facts rows={SDK_OPTIONS[of].map(({ name, meaning }) => [<C key={name}>{name}</C>, meaning] as const)} />;
}
