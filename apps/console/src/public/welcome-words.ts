/** What the landing page says. Only what exists today is said to exist. */

/** What goes wrong without a ledger, and what this one does about it. */
export const FAILURES = [
  {
    title: 'Tokens do not map to prices', text: 'A token count explains the provider’s bill. It does not say whether anybody got an answer that was of use.',
    answer: 'Each run ends with an outcome. You read the cost of a usable answer, with every call that it took.',
  },
  {
    title: 'Retries hide margin leaks', text: 'An agent that tries three times pays three times, and an average looks fine.',
    answer: 'Every attempt is a row of its own: the share of retries, fallbacks and failed runs stands on the first page.',
  },
  {
    title: 'Usage and prices drift apart', text: 'Prices, plans and limits change. What is looked up later no longer fits what happened.',
    answer: 'Each row keeps the raw usage, the price version and your snapshot. Any figure can be worked out again, to the byte.',
  },
] as const;

export const STEPS = [
  { name: 'Tag', text: 'Customer, user, workflow, feature, environment, versions, and your own snapshot of the customer’s plan.' },
  { name: 'Cap', text: 'In the SDK: a context that is too large stops the call, a day’s cost that is too high warns.' },
  { name: 'Route', text: 'Models in your order: retry the same, then fall back to the next. Provider keys stay in your process.' },
  { name: 'Log', text: 'Tokens by class, latency, attempts, errors and the outcome. No prompt, no answer: there is no column for them.' },
  { name: 'Price', text: 'By the model, tier, region and context that were served, exact to a millionth of a millionth of a dollar.' },
] as const;

/** Pictures of the product itself; `npm run screens -- --pictures` takes them from the demo data. */
export const PICTURES = [
  {
    name: 'overview', width: 2400, height: 1500, title: 'Overview', text: '',
    alt: 'Overview: cost, cost per usable outcome, share of retries and of failed runs, each with its change and a line of its course; below, the cost of each day by model',
  },
  {
    name: 'workflow', width: 2400, height: 1500, title: 'Which workflow leaks, and why?',
    text: 'Each workflow has a state and one sentence that says why, with a link to the rows behind it. The rules and their thresholds stand on the page.',
    alt: 'A workflow: its state and why, cost, cost per usable run, retry spend, and how the cost of its runs is spread',
  },
  {
    name: 'customers', width: 2400, height: 1500, title: 'Which customer is an outlier?',
    text: 'Cost, outcomes and trend of each customer, and who stands far outside of what is usual, by statistics that one extreme value cannot bend.',
    alt: 'Customers with cost, outcomes and trend; outliers are marked',
  },
  {
    name: 'row', width: 2400, height: 1500, title: 'Why is this row this many dollars?',
    text: 'Every row shows its arithmetic line by line: quantity, price, amount, the price version and its source, and the provider’s own usage object.',
    alt: 'The drawer of a ledger row with its price arithmetic',
  },
] as const;

export const ANSWERS = [
  { title: 'It never slows a call down.', text: 'Delivery runs in the background. When Outlay cannot be reached your calls go on, and the events wait on disk.' },
  { title: 'It never counts twice.', text: 'The id is made before the call, so that a second delivery is recognised as what it is.' },
  { title: 'It never loses what it accepted.', text: 'An acknowledged event survives kill -9 of any process; a test kills them to prove it.' },
  { title: 'It never guesses.', text: 'An unknown model is recorded as unpriced, not as zero, and priced when a price is there.' },
  { title: 'It proves itself.', text: 'The trial balance derives every cost and every sum again from the rows, on live data.' },
] as const;
