/** Templates for whoever operates an installation. [Brackets] mark what only the operator knows. */
export interface LegalSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export const PRIVACY: readonly LegalSection[] = [
  {
    title: 'Who is responsible',
    paragraphs: ['OPERATOR runs this installation and decides about the data in it. Address and contact: [name, address, e-mail of the operator, and of the data protection officer where there is one].'],
  },
  {
    title: 'What is stored about people who sign in',
    paragraphs: [
      'Name, e-mail address, a hash of the password (argon2id), the teams and roles of each member, and for each session the time, the address and the description of the browser. An audit log keeps who changed what and when.',
      'Legal basis and retention: [contract with the team, or legitimate interest; how long accounts and audit log are kept].',
    ],
  },
  {
    title: 'What is stored about use of AI',
    paragraphs: [
      'For every model call that a team records: its own identifiers of customer, user, workflow and run, labels, the model, token counts, times, status, outcome and cost, and the team’s own snapshot of the customer’s plan.',
      'Prompts, answers, files and provider keys are not stored: there is no place for them. A team should send identifiers that name no person, and must not put personal text into labels.',
    ],
  },
  {
    title: 'Cookies and other services',
    paragraphs: [
      'One cookie keeps a person signed in. The browser keeps the chosen theme. There are no trackers, and pages load nothing from other servers.',
      'Mail is sent through [mail service]. The data stands at [hosting provider and country]. Others who receive data: [none, or a list].',
    ],
  },
  {
    title: 'Rights',
    paragraphs: [
      'People may ask what is stored about them, have it corrected or erased, and complain to an authority: [authority in charge]. Owners of a team can export everything of their team and have the team erased.',
    ],
  },
];

export const TERMS: readonly LegalSection[] = [
  { title: 'Who offers this', paragraphs: ['OPERATOR offers the use of this installation to [whom: the operator’s own staff, clients, anybody]. Contact: [name, address, e-mail].'] },
  {
    title: 'What is offered',
    paragraphs: [
      'A ledger that records, prices and shows the use of AI models as a team reports it. Costs are worked out from published or agreed prices; the provider’s own invoice decides what the team owes to the provider.',
      'Availability and support: [hours, channels, response times, or none].',
    ],
  },
  {
    title: 'What is asked of teams',
    paragraphs: [
      'Keep passwords and API keys to yourselves, record only what you may record, put no prompts and no personal text into labels, and do not disturb other teams.',
      'Price, if any: [free of charge, or the fee and when it is due].',
    ],
  },
  {
    title: 'Data',
    paragraphs: ['What a team records belongs to the team. Its owners can export it at any time and have the team erased. What is stored is described under Privacy. Backups are kept for [time].'],
  },
  {
    title: 'Liability and end',
    paragraphs: [
      'The software itself comes under Apache-2.0, without warranty. The operator is liable as follows: [limits that the law of the operator’s country allows].',
      'Either side may end this with notice of [time]. Law and place of jurisdiction: [country, place].',
    ],
  },
];
