import { C, Facts, H, List, P } from './prose';
import { Sample } from './sample';
import gate from './samples/gate.txt?raw';
import { SDK_OPTIONS } from './sdk-reference';

export function GateGuide() {
  return (
    <>
      <P>
        Every run asks the gate before its first call: may this customer spend, on which model, and how much. What it may use is held for it, so that a hundred runs at once cannot pass a limit that has room for one. Plans, caps and the
        model route are set here in the console and hold from the next run on; your product is not deployed again.
      </P>
      <Sample text={gate} language="ts" title="your code" />
      <H>What a run does</H>
      <List>
        <li>
          <b>Begin</b>: one request on a connection that stays open. It answers with the models that plan, caps and route permit, in order, and with the state of every limit that applies.
        </li>
        <li>
          <b>Action</b>: runs with the first of those models; after a failure that may mend it goes on along the same list. A long run renews what it holds.
        </li>
        <li>
          <b>Finish</b>: the outcome goes to the ledger like every event, behind the run’s calls, and then frees what is left of the hold. In this order no spend is ever without a hold or a row. Nothing is lost when Outlay is away at that
          moment; a hold that nobody frees expires by itself. An outcome that comes to <C>POST /v1/usage</C> without a finish frees the hold as well, half a second later.
        </li>
      </List>
      <P>
        A call of a wrapped client outside of a run begins and finishes by itself, as a run of one call and one unit. Put calls that make one outcome together into <C>run</C> or <C>withUsage</C>.
      </P>
      <H>Decisions</H>
      <Facts
        rows={[
          ['Allow', 'The action runs.'],
          ['Warn', 'A soft limit is passed. The action runs, and onWarning hears soft_cap_reached with the limit: used, held, limit, end of its window.'],
          ['Degrade', 'A limit in mode degrade is passed. The action runs with the models that the route calls cheaper, and onWarning hears of it.'],
          ['Deny', 'OutlayDenied is thrown before any call: reason, message, nextStep, upgrade, limits, requestId, retryAfterSeconds and the HTTP status. Nothing is recorded; the decision is found in the console by its requestId.'],
        ]}
      />
      <H>Reasons to deny</H>
      <Facts
        rows={[
          [<C key="q">quota_exhausted</C>, '402. An allowance of the plan is used up, and it is hard. A larger plan helps.'],
          [<C key="c">credits_exhausted</C>, '402. The prepaid credits are used up.'],
          [<C key="h">hard_cap_reached</C>, '402. A hard cap would be passed.'],
          [<C key="r">risk_blocked</C>, '402. Today’s spend is far above what is usual for this customer.'],
          [<C key="m">model_not_allowed</C>, '403. The plan has no model of the route.'],
          [<C key="f">feature_not_in_plan</C>, '403. A tool outside of the plan does not deny: it stands in refusedTools.'],
          [<C key="s">customer_suspended</C>, '403.'],
          [<C key="e">environment_mismatch</C>, '403. The API key is another environment’s.'],
          [<C key="x">context_too_large</C>, '413. More context, files or pages than the plan allows.'],
          [<C key="l">rate_limited</C>, '429. retryAfterSeconds says when to come back.'],
          [<C key="k">key_revoked</C>, '401.'],
          [<C key="g">gate_unavailable</C>, '503. Only where the policy for that says deny.'],
        ]}
      />
      <H>When the gate cannot be asked</H>
      <P>
        It does not answer within two seconds, cannot be reached, or says that it cannot decide. Then the run’s <C>onGateUnavailable</C> counts, else that of <C>createOutlay</C>, else what is set for the workflow in the console, as this
        process last heard it, else <C>allow</C>. After a begin that waited in vain others do not wait too: one asks, the rest go by the policy, until an answer comes.
      </P>
      <Facts
        rows={[
          [<C key="a">allow</C>, 'The run goes on, is recorded, and counts as ungated: its spend counts in every limit as soon as it arrives.'],
          [<C key="d">degrade</C>, 'The same, with the last model of the route.'],
          [<C key="n">deny</C>, 'OutlayDenied with gate_unavailable.'],
        ]}
      />
      <H>Your own caps</H>
      <P>They join those of plan and console; the strictest wins.</P>
      <Facts rows={SDK_OPTIONS.Caps.map(({ name, meaning }) => [<C key={name}>{name}</C>, meaning] as const)} />
      <H>How much is held</H>
      <P>
        When the size of the input, the number of calls and the most of their output are known, a run cannot use more than it holds, and no hard limit is passed by anything. Where you state no output, the gate does, and wrapped clients send
        it: <C>max_completion_tokens</C>, <C>max_output_tokens</C>, <C>max_tokens</C> or <C>maxOutputTokens</C>. A call that asks for more is asked for less, which <C>output_limited</C> says. Where something is not known, the hold is an
        estimate from what such runs used before.
      </P>
      <Facts rows={SDK_OPTIONS.RunSize.map(({ name, meaning }) => [<C key={name}>{name}</C>, meaning] as const)} />
      <H>Several processes</H>
      <P>
        With <C>REDIS_URL</C> any number of api processes decide on one state: each begin is one script in Redis, whichever process it comes to, and so may its finish. Processes do not lease slices of a budget in advance, though that would
        save the way to Redis: what one process had leased another could not free, so room would be lost until holds expire.
      </P>
      <H>Keys</H>
      <P>
        The SDK needs a key with the abilities ingest and gate. With one that may only ingest, runs are recorded as ever and stopped by nothing; that is said once, as <C>gate_off</C>. <C>createOutlay({'{ gate: false }'})</C> says that it is
        meant.
      </P>
    </>
  );
}
