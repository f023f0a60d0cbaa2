import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { FormError } from '../ui/error-state';
import { formatPlural } from '../ui/format-number';
import { Skeleton } from '../ui/skeleton';
import { Segmented } from '../ui/tabs';
import { RelativeTime } from '../ui/time';
import { toast } from '../ui/toast';
import { DraftPreview } from './draft-preview';
import { TextField } from './editor-fields';
import { PlanDiff } from './plan-diff';
import { JsonEditor, PlanEditor } from './plan-editor';
import { definitionOf, fieldOf, formOf, problemOf, type PlanForm } from './plan-form';
import type { PlanDefinition } from './plan-shape';
import { personOf, PlanWords } from './plan-words';
import { PublishDialog } from './publish-dialog';
import { readDraft } from './read-draft';

type Plan = Outputs['plans']['get'];

interface DraftPanelProps {
  readonly plan: Plan;
  readonly manages: boolean;
}

const BLANK: PlanDefinition = { currency: 'USD', baseFee: '0', interval: 'month', allowances: [], credits: null, rateLimits: [], gates: {}, limits: { quantities: {} }, costCaps: [], chargeOnlyUsable: true, rounding: 'half_even' };

/** The next version: edited, compared with the live one, tried on the last days, published. */
export function DraftPanel({ plan, manages }: DraftPanelProps) {
  const [publishing, setPublishing] = useState(false);
  const errors = plan.draft?.errors ?? [];
  const draft = plan.draft && errors.length === 0 ? (plan.draft.definition as PlanDefinition) : null;
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(20rem,2fr)]">
      <div className="min-w-0">
        <DraftEditor key={plan.draft?.savedAt === undefined ? 'none' : 'some'} plan={plan} manages={manages} />
      </div>
      <div className="min-w-0 space-y-5">
        <Card
          title={plan.live ? 'Against the live version' : 'What it says'}
          description={plan.live ? `Version ${plan.live.number} holds now` : 'As customers would read it'}
          actions={
            manages && plan.draft ? (
              <Button look="primary" disabled={draft === null} onClick={() => setPublishing(true)}>
                Publish
              </Button>
            ) : null
          }
        >
          {plan.draft === null ? <p className="text-sm text-ink-2">There is no draft. Change something and save it; customers keep what they have until you publish.</p> : null}
          {errors.length > 0 ? <p className="text-sm text-ink-2">The draft cannot be published yet: {formatPlural(errors.length, 'field')} to mend.</p> : null}
          {draft && plan.live ? <DraftDiff plan={plan} live={plan.live.definition} draft={draft} /> : null}
          {draft && !plan.live ? <PlanWords definition={draft} /> : null}
        </Card>
        {draft ? <DraftPreview planId={plan.id} planKey={plan.key} /> : null}
      </div>
      {draft && publishing ? <PublishDialog plan={plan} onClose={() => setPublishing(false)} /> : null}
    </div>
  );
}

function DraftDiff({ plan, live, draft }: { readonly plan: Plan; readonly live: PlanDefinition; readonly draft: PlanDefinition }) {
  const diff = useQuery(trpc.plans.diff.queryOptions({ planId: plan.id }, { retry: false }));
  if (diff.isError) return <FormError error={diff.error} />;
  return diff.data ? <PlanDiff changes={diff.data} live={live} draft={draft} /> : <Skeleton className="h-16" />;
}

/** What the editor begins with; null where only the JSON view can show it. */
function startOf(plan: Plan): PlanForm | null {
  const read = plan.draft ? readDraft(plan.draft.definition) : (plan.live?.definition ?? BLANK);
  return read && formOf(read);
}

function DraftEditor({ plan, manages }: DraftPanelProps) {
  const queries = useQueryClient();
  const start = startOf(plan);
  const [view, setView] = useState<'form' | 'json'>(start ? 'form' : 'json');
  const [form, setForm] = useState<PlanForm>(start ?? formOf(BLANK));
  const [json, setJson] = useState(() => JSON.stringify(plan.draft?.definition ?? plan.live?.definition ?? BLANK, null, 2));
  const [name, setName] = useState(plan.name);
  const [words, setWords] = useState(plan.words);
  const [problem, setProblem] = useState<{ readonly field: string; readonly message: string } | null>(null);
  const [touched, setTouched] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.plans.pathKey() });
  const save = useMutation(trpc.plans.saveDraft.mutationOptions({
    onSuccess: async ({ errors }) => {
      setTouched(false);
      if (errors.length === 0) toast.success('The draft is saved');
      else toast.error(`Saved, but ${formatPlural(errors.length, 'field')} must be mended before it can be published`);
      await refresh();
    },
  }));
  const discard = useMutation(trpc.plans.discardDraft.mutationOptions({
    onSuccess: async () => {
      setDiscarding(false);
      setTouched(false);
      toast.success('The draft is gone');
      await refresh();
      const live = formOf(plan.live?.definition ?? BLANK);
      setForm(live);
      setJson(JSON.stringify(definitionOf(live), null, 2));
    },
  }));
  const failure = save.error ? readFailure(save.error) : null;
  const errors = [...(problem ? [problem] : []), ...(touched ? [] : (plan.draft?.errors ?? []).map(({ path, message }) => ({ field: fieldOf(path, form) ?? '', message })))];
  const fault = (path: string) => errors.find(({ field }) => field === path)?.message;
  const edit = (change: Partial<PlanForm>) => {
    setTouched(true);
    setProblem(null);
    setForm((now) => ({ ...now, ...change }));
  };
  const readJson = (): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      return undefined;
    }
  };
  const submit = () => {
    const found = view === 'form' ? problemOf(form) : null;
    const definition = view === 'form' ? definitionOf(form) : readJson();
    if (definition === undefined || typeof definition !== 'object' || definition === null) return setProblem({ field: 'json', message: 'This is no JSON object. Look for a missing comma or quote.' });
    setProblem(found);
    if (!found) save.mutate({ planId: plan.id, definition: definition as Record<string, unknown>, name: name.trim(), words: words.trim() });
  };
  const show = (next: 'form' | 'json') => {
    if (next === view) return;
    setProblem(null);
    if (next === 'json') {
      setJson(JSON.stringify(definitionOf(form), null, 2));
      return setView('json');
    }
    const read = readDraft(readJson());
    if (read === null) return setProblem({ field: 'json', message: 'The form cannot show this: it is no plan, or has names that a plan does not know.' });
    setForm(formOf(read));
    setView('form');
  };
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          {plan.draft ? 'Draft' : 'Edit'}
          {touched ? <Badge tone="warning">not saved</Badge> : null}
        </span>
      }
      description={plan.draft?.savedAt ? <>Saved <RelativeTime at={plan.draft.savedAt} />{plan.draft.savedBy ? ` by ${personOf(plan.draft.savedBy)}` : ''}</> : 'Begins with the live version'}
      actions={<Segmented label="How the draft is shown" options={[{ value: 'form', label: 'Form' }, { value: 'json', label: 'JSON' }]} value={view} onChange={show} />}
    >
      <form
        noValidate
        aria-label="Draft of the plan"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <fieldset disabled={!manages || plan.archivedAt !== null} className="min-w-0">
          <div className="mb-5 grid gap-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
            <TextField label="Name" value={name} onChange={(text) => { setTouched(true); setName(text); }} error={failure?.field === 'name' ? failure.message : undefined} />
            <TextField label="In a sentence" value={words} onChange={(text) => { setTouched(true); setWords(text); }} error={failure?.field === 'words' ? failure.message : undefined} hint="For whom it is." />
          </div>
          {view === 'form' ? (
            <PlanEditor form={form} fault={fault} onChange={edit} />
          ) : (
            <JsonEditor text={json} onChange={(text) => { setTouched(true); setProblem(null); setJson(text); }} error={fault('json') ?? (touched ? undefined : plan.draft?.errors.map(({ path, message }) => `${path || 'the plan'}: ${message}`).join('; ') || undefined)} />
          )}
        </fieldset>
        {!touched && (plan.draft?.errors.length ?? 0) > 0 && view === 'form' ? (
          <Callout tone="warning" className="mt-5">
            <ul aria-label="What keeps it from being published">
              {plan.draft!.errors.map(({ path, message }) => (
                <li key={path}>
                  <span className="font-mono text-xs">{path || 'the plan'}</span>: {message}
                </li>
              ))}
            </ul>
          </Callout>
        ) : null}
        {failure && failure.field !== 'name' && failure.field !== 'words' ? <div className="mt-4"><FormError error={save.error} /></div> : null}
        {manages && plan.archivedAt === null ? (
          <div className="sticky bottom-0 -mx-4 mt-5 flex flex-wrap justify-end gap-2 border-t border-line bg-surface px-4 py-3 sm:-mx-5 sm:px-5 max-md:bottom-14">
            {plan.draft ? <Button onClick={() => setDiscarding(true)}>Discard</Button> : null}
            <Button look="primary" type="submit" busy={save.isPending}>
              Save draft
            </Button>
          </div>
        ) : null}
      </form>
      <ConfirmDialog open={discarding} onOpenChange={setDiscarding} title="Discard the draft?" action="Discard" onConfirm={() => discard.mutate({ planId: plan.id })} busy={discard.isPending} error={discard.error}>
        What was changed since the live version is lost. Published versions stay as they are.
      </ConfirmDialog>
    </Card>
  );
}
