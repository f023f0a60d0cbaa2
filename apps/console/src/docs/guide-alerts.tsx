import { C, Facts, H, List, P } from './prose';

export function AlertsGuide() {
  return (
    <>
      <P>
        Outlay watches what is spent each minute, tells once what is wrong, says why, and lets you act from there. Everything below works for a team from its first minute: a spike above $10 an hour, calls without a price, a sync that
        fails, books that do not add up and credits that run low are watched without being asked, and told to the owners by mail.
      </P>
      <H>Rules</H>
      <Facts
        rows={[
          ['Spike', 'Above an amount an hour, many times the usual, a share of the day\'s budget, or unusual for the hour and weekday. Seen in the whole, and in each workflow, customer, model, key and provider connection.'],
          ['Budget', 'A part of a budget is spent: at 50, 80 and 100 percent unless you say otherwise.'],
          ['Forecast over budget', 'The month is expected to end above a budget.'],
          ['Cap reached', 'A cap is used up. Soft caps warn the product, this tells you.'],
          ['Failed calls, retries', 'Their share of calls in a window, of enough calls to speak of a share.'],
          ['Unpriced, sync broken, drift, trial balance', 'Something that makes figures wrong: no price, no sync, a bill that differs, books that do not add up.'],
          ['Credits low, no data', 'A customer\'s credits run out; a product that calls otherwise is silent.'],
        ]}
      />
      <P>
        What is usual is learnt from four weeks of your own spend: the hour of the day and the weekday count, single bursts do not. Until enough is known, only amounts are judged. Before a spike rule is switched on, its form says how
        often it would have fired in the last 30 days: the watch itself is played through your ledger, without looking ahead.
      </P>
      <H>The life of an alert</H>
      <List>
        <li>Pending: seen, but it must hold for a moment first. Firing: it is told. Acknowledged: somebody knows, nobody is told again. Resolved: it has been gone for a while, and whoever was told is told so.</li>
        <li>One crossing is one alert and one message, whichever of several processes saw it first, and whatever restarted in between.</li>
        <li>Quiet hours hold messages back until they are over. A mute holds them back until it ends. The inbox shows the alert all the same.</li>
        <li>A rule may tell again while it goes on, every quarter of an hour up to every day.</li>
      </List>
      <H>The cause</H>
      <P>
        A spike&apos;s page sets the time since it began against the same time of up to seven days before, and splits the change into more calls, other models, unit prices, context length, retries and cache hits. Each cause gets its
        share averaged over every order in which the causes could have changed, so the shares sum to the whole and nothing is left over. Beside it stand the customers, workflows, models and runs that changed most, and what the day
        will cost if nothing is done.
      </P>
      <H>Actions</H>
      <Facts
        rows={[
          ['Lower the cap', 'A hard cap of an amount a day beside those that are there: the strictest holds.'],
          ['Force the cheaper model', 'Runs get the cheaper model of their workflow\'s route. Nobody is stopped.'],
          ['Throttle', 'So many runs a minute at most; further ones are told when to come again.'],
          ['Suspend the customer', 'No further run begins until it ends, or is taken back.'],
        ]}
      />
      <P>
        Each holds from the next run on, ends by itself, and can be taken back before; the history says who did what. A spike rule may do one of them by itself when it fires, also in quiet hours. Spend that never asks the gate, such as
        a key that is not routed through Outlay, cannot be stopped from here: its alert says so.
      </P>
      <H>Channels</H>
      <List>
        <li>E-mail to the owners, whoever they are, or to addresses that you name.</li>
        <li>Slack, by an incoming webhook. Its address is kept encrypted and never shown again.</li>
        <li>
          Webhooks of your own, signed as Standard Webhooks asks: check <C>webhook-id</C>, <C>webhook-timestamp</C> and <C>webhook-signature</C> with the secret that is shown once. A failed message is tried again, later and later; its id
          stays, so that twice received is once handled.
        </li>
      </List>
      <P>
        Each has a test button that sends a real message and says what came back. The log shows every message with its answer; one about an alert can be sent again. Summaries come each morning or each Monday in the team&apos;s time zone,
        to your own address, and end with one click in the letter.
      </P>
      <H>Budgets</H>
      <P>
        An amount for a calendar month in the team&apos;s time zone: of the team, a workflow, a customer, a model or a provider. Passing one is told and stops nothing. What must stop is a cap.
      </P>
      <H>Forecasts</H>
      <P>
        The page Forecast says where the month ends, between which amounts, when caps are reached and credits empty, and what changed since yesterday. Simple methods compete on your own past: the same weekday of last week, smoothed
        levels with weekdays, growth, a straight line through seven days. The best are mixed. The error that is shown is measured: the forecast is made again from each past day, knowing only what was known then, and compared with what
        came. It is an error, not an accuracy: 8% means off by 8% on average.
      </P>
      <H>Trying it on other data</H>
      <P>
        <C>outlay backtest spikes --series FILE.csv</C> and <C>outlay backtest forecast --series FILE.csv --horizon 7d</C> run the same detector and the same forecast over any <C>timestamp,value</C> file, and answer with what they
        would have said.
      </P>
    </>
  );
}
