import { Facts, H, List, P } from './prose';

export function PlansGuide() {
  return (
    <>
      <P>
        A plan says what a customer may use and what it pays for it. It is set up in the console, without a redeploy, and holds from the next run on. Customers read units that mean something to them: reports, answers,
        actions. Tokens appear only in a plan that sells tokens.
      </P>
      <H>Drafts and versions</H>
      <P>
        Begin with one of five templates, or copy a plan. It is a draft until it is published: it may have mistakes, each shown at its field, and nobody is charged by it. Before you publish, the page sets it against the
        live version in words, and charges the last 30 days of your own ledger by it: who would pay more, who less, and what margin is left.
      </P>
      <P>A published version never changes. Publishing says from when it holds, and what happens to customers of earlier versions:</P>
      <Facts
        rows={[
          ['At their renewal', 'Each keeps its version until its billing period ends.'],
          ['As soon as it holds', 'Everybody comes to it at that moment. The period is charged in two parts, each by its own version.'],
          ['Not at all', 'Customers of today keep what they have; new ones come to it.'],
        ]}
      />
      <P>
        Nothing that was used is rated again. Every row of the ledger keeps the plan it was made under, in its snapshot, so a charge can be derived years later with the plan long gone. A version that is scheduled can be taken
        back until it holds.
      </P>
      <H>Allowances</H>
      <List>
        <li>An allowance has a unit, a window (day, week, month or billing period, in the customer&apos;s own time zone) and an included amount. One outcome counts for one allowance.</li>
        <li>When it is used up, it either stops (the next run is denied, and the product shows its upgrade prompt) or goes on and is charged: at one price, or by tiers.</li>
        <li>Prices are exact decimals. $0.002 per 1,000 tokens charges $0.000002 for one. Each invoice line is rounded once, by the rule that the plan names.</li>
        <li>Unusable outcomes are free unless the plan says otherwise. Their cost stays yours, and is shown as margin lost.</li>
      </List>
      <H>Customers</H>
      <P>
        A customer is known from its first event or run, and comes to the default plan then. On its page it is given another plan now, at its renewal or from a day on; an override changes single amounts for it, or for its
        segment, and is shown as a difference before it is saved. A suspended customer begins no run until it is resumed.
      </P>
      <H>Caps</H>
      <P>
        A cap limits cost, units, tokens, calls or open runs of the team, an environment, a workflow, a customer, a user, a feature, a model or an API key; of a single one, or of each by itself. Several hold at once, and the
        gate&apos;s answer shows each.
      </P>
      <Facts
        rows={[
          ['Soft', 'Warns and stops nothing. New caps are soft.'],
          ['Degrade', 'Asks for the cheaper model of the workflow\'s route.'],
          ['Hard', 'Denies. Runs whose size is known pass it by 0; an estimated run by at most what it costs above its estimate. Spend that never asked the gate is in the ledger all the same, and the next run is denied.'],
        ]}
      />
      <P>
        One hard block is on by default: a customer whose spend of today is above $50 and above 20 times its daily mean is stopped. It can be changed on the page of caps, and lifted for some hours on the customer&apos;s page.
      </P>
      <H>Holds and decisions</H>
      <P>
        A run that begins reserves what it may spend. Caps count it until the run finishes, or until the hold expires by itself: a crash blocks nobody for longer than that. Open holds can be seen and released. Every decision is
        kept with all that the rule looked at, found by customer, reason or correlation id, and decided once more whenever somebody looks at it.
      </P>
      <H>Credits</H>
      <P>
        Prepaid credits are lots with a priority and an end. A usable outcome burns them by the weight of its workflow: lower priority first, then what expires first. What no lot covers goes to an overdraft, which the next
        grant pays. Every change is a row of double-entry books, and the trial balance proves them.
      </P>
      <H>Margin and the decision column</H>
      <P>
        Overview sets what outcomes are worth by the plan in their rows against what their runs cost. An included outcome is worth its part of the base fee, one above it its price. A free plan, one in another currency than dollars
        and one that sells tokens give no rate: the margin is then a gap. From margin, trend, retries, failures and heavy use comes the advice: keep, watch, reprice or soft cap. The thresholds stand on the page, under &quot;How it is
        decided&quot;.
      </P>
    </>
  );
}
