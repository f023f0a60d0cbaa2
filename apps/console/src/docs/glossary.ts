/** The words of Outlay, in alphabetical order. What comes with a later release says so. */
export interface GlossaryTerm {
  readonly name: string;
  readonly meaning: string;
}

export const GLOSSARY: readonly GlossaryTerm[] = [
  { name: 'Call', meaning: 'One request to a model provider. An attempt number says which try it was; no two tries share a row.' },
  { name: 'Cap', meaning: 'A limit on spend or use within a window: soft warns, degrade takes a cheaper model, hard stops the run before its first call.' },
  { name: 'Correction', meaning: 'A pair of rows, a reversal and a restatement, with a reason. The only way in which anything in the ledger changes.' },
  { name: 'Correlation id', meaning: 'The id of a request. It stands in the answer’s header, in every log line and in the ledger’s row, and the console finds it.' },
  { name: 'Cost', meaning: 'What a call costs you, by the price book. What you charge your customer for it is a different figure.' },
  { name: 'Cost basis', meaning: 'How a row got its cost: priced, unpriced, estimated or provider_reported.' },
  { name: 'Customer', meaning: 'Who pays the team, known by the team’s own customer_id.' },
  { name: 'Cut', meaning: 'A vector of writer positions: an exact set of rows that is final. Exports name theirs.' },
  { name: 'Environment', meaning: 'production, staging and the like. It comes from the API key and stands on every event.' },
  { name: 'Failed-run spend', meaning: 'What all calls of the runs cost that ended unusable, counted when the run ended.' },
  { name: 'Fallback', meaning: 'Another attempt with a different model.' },
  { name: 'Feature', meaning: 'A free label for a part of your product.' },
  { name: 'Late', meaning: 'Said of an event that was recorded after the team’s late window had closed. It counts all the same.' },
  { name: 'Ledger', meaning: 'The rows themselves: added, never edited. Everything else can be worked out from them.' },
  { name: 'Member, role', meaning: 'A person who signs in, and what that person may do in a team: owner, admin, finance, developer or viewer.' },
  { name: 'Outcome', meaning: 'What a run was good for: usable or unusable. unknown once the run’s time to live is over and nobody said.' },
  { name: 'Pico-dollar', meaning: 'A millionth of a millionth of a US dollar. Costs are whole numbers of it, so that sums have no rounding error.' },
  { name: 'Plan', meaning: 'What a customer has bought. Today you send what you know of it as a snapshot; plans inside of Outlay come with a later release.' },
  { name: 'Price book', meaning: 'What providers charge: each price with its source and the day from which it holds. A change is a new row.' },
  { name: 'Price version', meaning: 'One row of the price book. Each priced call names the one that it was costed by.' },
  { name: 'Quarantine', meaning: 'The list of calls that no price is known for, by model and class, until there is one.' },
  { name: 'Retry', meaning: 'Another attempt with the same model.' },
  { name: 'Rollup', meaning: 'Sums that are written together with the rows, for screens. Law: they equal the sum of the rows.' },
  { name: 'Run', meaning: 'One execution of a workflow: calls, then one outcome.' },
  { name: 'Snapshot', meaning: 'What held when the call was made: the customer’s plan and limits as you sent them. Stored once by content, referred to by hash.' },
  { name: 'Spool', meaning: 'A file of the SDK in which events wait until the ledger has answered them.' },
  { name: 'State', meaning: 'What Overview says of a workflow: leaking, context spike, needs review or ok. Why stands beside it, and the page shows how it is decided.' },
  { name: 'Tags', meaning: 'Up to 32 free labels on an event. Never prompts, never personal text.' },
  { name: 'Tenant', meaning: 'In the console: a team. All data belongs to exactly one, and the database itself keeps them apart.' },
  { name: 'Token classes', meaning: 'Kinds of tokens that never overlap, such as uncached input, cache reads, visible output, reasoning. A total is never stored as a class.' },
  { name: 'Trial balance', meaning: 'A proof on live data: every cost derived again, every sum added again. It names the first row that differs.' },
  { name: 'Unit', meaning: 'What a usable outcome counts as: one answer, ten pages.' },
  { name: 'Usage event', meaning: 'One immutable row: a call, an outcome, or half of a correction.' },
  { name: 'User', meaning: 'An end user of a customer, known by the team’s own user_id.' },
  { name: 'Workflow', meaning: 'What produces an outcome: pdf_question, report_generation. It has a unit and a target cost.' },
];
