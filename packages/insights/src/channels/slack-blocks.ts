/** A message as Slack draws it. Pure. */
import type { Message } from '../alerts/message';

const SIGNS = { critical: 'Critical', warning: 'Warning', info: 'Note' } as const;
/** Slack refuses a section of more than 3,000 characters, a header of more than 150. */
const TEXT_MAX = 2_900;
const HEADER_MAX = 150;

export function toSlack(message: Message): { text: string; blocks: unknown[] } {
  const { heading, paragraphs, figures, causes, topCustomers, url, severity, kind } = message;
  const lines = [
    paragraphs.map(escape).join('\n'),
    figures.map(({ label, value }) => `*${escape(label)}* ${escape(value)}`).join('   '),
    causes.length > 0 ? `*What changed*\n${causes.map(({ words, amount, share }) => `• ${escape(words)}: ${amount}${share === '' ? '' : ` (${share})`}`).join('\n')}` : '',
    topCustomers.length > 0 ? `*Customers behind it*\n${topCustomers.map(({ name, amount }) => `• ${escape(name)}: ${amount}`).join('\n')}` : '',
  ].filter((text) => text !== '');
  return {
    text: escape(message.subject),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: heading.slice(0, HEADER_MAX) } },
      ...lines.map((text) => ({ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, TEXT_MAX) } })),
      { type: 'context', elements: [{ type: 'mrkdwn', text: `${kind === 'resolved' ? 'Resolved' : SIGNS[severity]} · <${url}|Open the alert>` }] },
    ],
  };
}

/** As Slack wants it: a name of a customer is no link and pings nobody. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
