export interface AuditField {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The fields that an entry names, in order, each with its two values as text; what did not change is left out. */
export function prepareAuditDiff(before: unknown, after: unknown): AuditField[] {
  const was = recordOf(before);
  const is = recordOf(after);
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names.map((name) => ({ name: wordsOf(name), before: textOf(was[name]), after: textOf(is[name]) })).filter((field) => field.before !== field.after);
}

/** `lateWindowDays` reads as late window days. */
function wordsOf(name: string): string {
  return name.replace(/_/g, ' ').replace(/([a-z0-9])([A-Z])/g, (_match, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
}

const SENTENCES: Record<string, (facts: Facts) => string> = {
  'team.created': () => 'created the team',
  'team.updated': () => 'changed the settings of the team',
  'team.erasure_requested': ({ after }) => `asked to delete the team on ${after('eraseAfter').slice(0, 10)}`,
  'team.erasure_cancelled': () => 'took the deletion of the team back',
  'data.exported': () => 'exported everything of the team',
  'ledger.proof_requested': () => 'asked for a proof of the books',
  'usage.corrected': ({ after }) => `corrected an event${after('reason') === UNNAMED ? '' : `: ${after('reason')}`}`,
  'workflow.settings_saved': ({ subjectId }) => `changed the settings of ${subjectId}`,
  'cap.created': ({ after }) => `set the cap ${after('name')}`,
  'cap.changed': ({ after }) => `changed the cap ${after('name')}`,
  'cap.enabled': ({ after }) => `switched the cap ${after('name')} on`,
  'cap.disabled': ({ after }) => `switched the cap ${after('name')} off`,
  'cap.removed': ({ before }) => `removed the cap ${before('name')}`,
  'cap.risk_saved': () => 'changed the risk block',
  'view.saved': ({ after }) => `saved the view ${after('name')}`,
  'view.renamed': ({ before, after }) => `renamed the view ${before('name')} to ${after('name')}`,
  'view.overwritten': () => 'changed what a saved view shows',
  'view.deleted': ({ before }) => `deleted the view ${before('name')}`,
  'member.invited': ({ after }) => `invited ${after('email')} as ${after('role')}`,
  'member.joined': ({ after }) => `joined the team${after('role') === UNNAMED ? '' : ` as ${after('role')}`}`,
  'member.role_changed': ({ before, after }) => `changed a role from ${before('role')} to ${after('role')}`,
  'member.removed': ({ before }) => `removed a member, who was ${before('role')}`,
  'member.left': () => 'left the team',
  'invitation.revoked': ({ before }) => `withdrew the invitation of ${before('email')}`,
  'key.created': ({ after }) => `created the key ${after('name')} for ${after('environment')}`,
  'key.revoked': ({ before }) => `revoked the key ${before('name')}`,
  'price.recorded': ({ after }) => `recorded a price of ${after('model')}`,
  'price.proposed': ({ after }) => `proposed a price of ${after('model')}, ${after('factor')} times away`,
  'price.approved': ({ after }) => `approved the price of ${after('model')}`,
  'price.declined': ({ before }) => `declined the price of ${before('model')}`,
  'price.withdrawn': ({ after }) => `ended the negotiated price of ${after('model')}`,
  'repricing.planned': ({ after }) => `planned a re-pricing: ${after('reason')}`,
  'repricing.started': ({ after }) => `started a re-pricing of ${after('rows')} rows`,
  'repricing.finished': ({ after }) => `finished a re-pricing of ${after('corrected')} rows, from ${after('before')} to ${after('after')}`,
  'repricing.cancelled': ({ after }) => `cancelled a re-pricing after ${after('corrected')} rows`,
  'repricing.failed': () => 'gave up a re-pricing',
  'repricing.healing_set': ({ after }) => `switched self-healing of the quarantine ${after('heals') === 'true' ? 'on' : 'off'}`,
  'session.revoked': () => 'ended a session',
  'session.others_revoked': () => 'ended all other sessions',
  'password.reset': () => 'reset the password',
};

interface Facts {
  readonly subjectId: string;
  readonly before: (name: string) => string;
  readonly after: (name: string) => string;
}

const UNNAMED = 'somebody';

/** What happened, as a sentence that begins with the actor's name; an action we have no words for speaks for itself. */
export function auditSentence({ action, subjectId, before, after }: { readonly action: string; readonly subjectId: string; readonly before?: unknown; readonly after?: unknown }): string {
  const sentence = SENTENCES[action];
  const read = (value: unknown) => (name: string) => textOf(recordOf(value)[name]) ?? UNNAMED;
  if (sentence) return sentence({ subjectId, before: read(before), after: read(after) });
  const [noun = action, verb = ''] = action.split('.');
  return `${verb.replaceAll('_', ' ')} ${noun.replaceAll('_', ' ')}`.trim();
}

/** Where the browser downloads what the filters let through. */
export function auditCsvUrl(search: Readonly<Record<string, string | undefined>>): string {
  const params = new URLSearchParams(Object.entries(search).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return `/export/audit.csv${params.size > 0 ? `?${params}` : ''}`;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((each) => textOf(each) ?? '').join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
