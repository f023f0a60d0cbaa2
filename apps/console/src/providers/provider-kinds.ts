/** What each provider asks of the person who connects it: which key, where it is made, and what else is needed. Words for the wizard; the server tests what they say. */
export const KINDS = ['openai', 'anthropic', 'google', 'openrouter'] as const;
export type Kind = (typeof KINDS)[number];

interface SettingField {
  /** As the server names it. */
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly hint: string;
  readonly required: boolean;
}

export interface KindWords {
  readonly name: string;
  /** One line under the name. */
  readonly reads: string;
  readonly keyLabel: string;
  readonly keyPlaceholder: string;
  /** A key that stands on several lines. */
  readonly keyIsFile: boolean;
  /** How to get it, step by step. */
  readonly steps: readonly string[];
  /** What people paste instead, and why it does not work. */
  readonly notThis: string;
  readonly link: { readonly href: string; readonly label: string };
  readonly settings: readonly SettingField[];
  readonly baseUrl: string;
}

export const KIND_WORDS: Readonly<Record<Kind, KindWords>> = {
  openai: {
    name: 'OpenAI',
    reads: 'Costs by day, usage by the minute and by the hour',
    keyLabel: 'Admin key',
    keyPlaceholder: 'sk-admin-…',
    keyIsFile: false,
    steps: ['Sign in at platform.openai.com as an owner of the organisation.', 'Open Settings, Organization, Admin keys.', 'Create an admin key. It begins with sk-admin- and is shown once.'],
    notThis: 'A normal key (sk-proj-…) calls models, but may not read costs and usage.',
    link: { href: 'https://platform.openai.com/settings/organization/admin-keys', label: 'Admin keys at OpenAI' },
    settings: [{ name: 'organization', label: 'Organisation', placeholder: 'org-…', hint: 'Only when the key belongs to several.', required: false }],
    baseUrl: 'https://api.openai.com/v1',
  },
  anthropic: {
    name: 'Anthropic',
    reads: 'Costs by day, usage by the minute and by the hour',
    keyLabel: 'Admin API key',
    keyPlaceholder: 'sk-ant-admin01-…',
    keyIsFile: false,
    steps: ['Sign in at platform.claude.com as an admin of the organisation.', 'Open Settings, Admin keys.', 'Create an Admin API key (sk-ant-admin01-…), or a key with read:analytics.'],
    notThis: 'A normal key (sk-ant-api03-…) calls models, but may not read usage and cost.',
    link: { href: 'https://platform.claude.com/settings/admin-keys', label: 'Admin keys at Anthropic' },
    settings: [],
    baseUrl: 'https://api.anthropic.com',
  },
  google: {
    name: 'Google',
    reads: 'Cost from the Cloud Billing export in BigQuery, tokens from Cloud Monitoring',
    keyLabel: 'Service account key (JSON)',
    keyPlaceholder: '{ "type": "service_account", … }',
    keyIsFile: true,
    steps: [
      'In Cloud Billing, switch on the export to BigQuery (standard or detailed). The first rows take hours.',
      'Create a service account with roles/bigquery.jobUser in the project, and roles/bigquery.dataViewer on the dataset.',
      'For tokens within minutes, give it roles/monitoring.viewer too.',
      'Create a JSON key of the service account, and paste the whole file.',
    ],
    notThis: 'A Gemini API key (AIza…) calls models: Google has no API that tells their cost.',
    link: { href: 'https://console.cloud.google.com/iam-admin/serviceaccounts', label: 'Service accounts at Google Cloud' },
    settings: [
      { name: 'table', label: 'Table of the export', placeholder: 'project.dataset.gcp_billing_export_v1_XXXXXX_XXXXXX_XXXXXX', hint: 'With project and dataset, as BigQuery shows it.', required: true },
      { name: 'location', label: 'Location of the dataset', placeholder: 'EU', hint: 'Where the dataset stands: EU, US, europe-west3.', required: false },
      { name: 'projects', label: 'Projects to watch', placeholder: 'shop-prod, lab', hint: 'Whose tokens are read by the minute; empty: the project of the key.', required: false },
    ],
    baseUrl: 'https://bigquery.googleapis.com',
  },
  openrouter: {
    name: 'OpenRouter',
    reads: 'Activity by day and model, credits',
    keyLabel: 'Management key',
    keyPlaceholder: 'sk-or-v1-…',
    keyIsFile: false,
    steps: ['Sign in at openrouter.ai.', 'Open Settings, Management keys.', 'Create a management key. It reads the activity of all keys of the account, of the last 30 days.'],
    notThis: 'A normal key calls models and sees only its own limit.',
    link: { href: 'https://openrouter.ai/settings/management-keys', label: 'Management keys at OpenRouter' },
    settings: [],
    baseUrl: 'https://openrouter.ai/api/v1',
  },
};

const OTHER_NAMES: Readonly<Record<string, string>> = { import: 'Imported file', azure: 'Azure', aws: 'AWS', mistral: 'Mistral', xai: 'xAI', 'x-ai': 'xAI', deepseek: 'DeepSeek', groq: 'Groq', cohere: 'Cohere', bedrock: 'AWS Bedrock' };

/** As people write it; a provider that we have no word for keeps its own. */
export function providerName(provider: string): string {
  const kind = KINDS.find((each) => each === provider);
  return kind ? KIND_WORDS[kind].name : (OTHER_NAMES[provider] ?? (provider === '' ? 'No provider' : provider));
}
