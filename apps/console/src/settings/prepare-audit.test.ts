import { expect, it } from 'vitest';
import { auditCsvUrl, auditSentence, prepareAuditDiff } from './prepare-audit';

it.each([
  ['key.created', null, { name: 'ci', environment: 'staging' }, 'created the key ci for staging'],
  ['member.role_changed', { role: 'viewer' }, { role: 'admin' }, 'changed a role from viewer to admin'],
  ['invitation.revoked', { email: 'a@b.c' }, null, 'withdrew the invitation of a@b.c'],
  ['workflow.settings_saved', { unitName: 'run' }, { unitName: 'answer' }, 'changed the settings of pdf_question'],
  ['cap.removed', { name: 'Acme a day' }, null, 'removed the cap Acme a day'],
  ['price.approved_by_hand', null, null, 'approved by hand price'],
])('%s reads as a sentence', (action, before, after, sentence) => {
  expect(auditSentence({ action, subjectId: 'pdf_question', before, after })).toBe(sentence);
});

it('shows only what changed, and an absent value as absent', () => {
  expect(prepareAuditDiff({ name: 'A', zone: 'UTC', lateWindowDays: 7 }, { name: 'B', zone: 'UTC', lateWindowDays: 9, abilities: ['ingest', 'read'] })).toEqual([
    { name: 'name', before: 'A', after: 'B' },
    { name: 'late window days', before: '7', after: '9' },
    { name: 'abilities', before: null, after: 'ingest, read' },
  ]);
  expect(prepareAuditDiff(null, undefined)).toEqual([]);
});

it('downloads what the filters let through, and all of it without filters', () => {
  expect(auditCsvUrl({})).toBe('/export/audit.csv');
  expect(auditCsvUrl({ action: 'key', search: 'a&b', actorId: undefined })).toBe('/export/audit.csv?action=key&search=a%26b');
});
