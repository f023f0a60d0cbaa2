import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { SelectField, TextField } from '../plans/editor-fields';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Checkbox, Input } from '../ui/input';
import { useTimeZone } from '../ui/time';
import { toast } from '../ui/toast';
import { ALERT_KINDS, KIND_WORDS, scopeText } from './alert-shapes';
import { BacktestNote } from './backtest-note';
import { ACTION_WORDS, EXPIRIES, startAction, type ActionForm } from './prepare-actions';
import { KIND_NOTES, RENOTIFY, RULE_FIELDS, SCOPES_OF, type RuleField } from './prepare-rule';
import { actionsOf, changeKind, savedOf, startRule, type KeptRule, type RuleForm } from './rule-form';

interface RuleDialogProps {
  readonly rule: KeptRule | null;
  readonly channels: readonly { readonly id: string; readonly name: string; readonly enabled: boolean }[];
  readonly onClose: () => void;
}

export function RuleDialog({ rule, channels, onClose }: RuleDialogProps) {
  const timeZone = useTimeZone();
  const queries = useQueryClient();
  const [form, setForm] = useState(() => startRule(rule, 'spike', channels.filter(({ enabled }) => enabled).slice(0, 1).map(({ id }) => id)));
  const [tried, setTried] = useState(false);
  const set = (change: Partial<RuleForm>) => setForm((now) => ({ ...now, ...change }));
  const save = useMutation(trpc.alerts.saveRule.mutationOptions({
    onSuccess: async () => {
      toast.success('It holds from the next minute on');
      onClose();
      await queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
    },
  }));
  const { input, faults } = savedOf(form, rule?.id ?? null);
  const failure = save.error ? readFailure(save.error) : null;
  const known = ['name', 'subject', 'scope', 'renotifyMinutes', 'quietHours.from', 'quietHours.to', ...RULE_FIELDS[form.kind].map(({ name }) => `settings.${name}`)];
  const fault = (field: string) => (tried ? faults[field] : undefined) ?? (failure?.field === field ? failure.message : undefined);
  const submit = () => {
    setTried(true);
    if (Object.keys(faults).length === 0) save.mutate(input);
  };
  const offered = actionsOf(form);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      wide
      title={rule ? `Change ${rule.name}` : 'Add a rule'}
      description={KIND_NOTES[form.kind]}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="rule" busy={save.isPending}>
            {rule ? 'Save' : 'Add the rule'}
          </Button>
        </>
      }
    >
      <form
        id="rule"
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          {rule ? null : <SelectField label="What happens" value={form.kind} options={ALERT_KINDS.map((kind) => [kind, KIND_WORDS[kind]] as const)} onChange={(kind) => setForm((now) => changeKind(now, kind))} />}
          <TextField label="Name" placeholder={KIND_WORDS[form.kind]} value={form.name} onChange={(name) => set({ name })} error={fault('name')} />
          {SCOPES_OF[form.kind].length > 1 ? <SelectField label="Watches" value={form.scope} options={SCOPES_OF[form.kind].map((scope) => [scope, sentence(scopeText(scope, null))] as const)} onChange={(scope) => set({ scope, subject: '' })} error={fault('scope')} /> : null}
          {form.scope === 'tenant' ? null : <TextField label="Only this one" hint="Empty: each one by itself." value={form.subject} onChange={(subject) => set({ subject })} error={fault('subject')} />}
        </div>
        {RULE_FIELDS[form.kind].length > 0 ? (
          <fieldset>
            <legend className="text-sm font-semibold text-ink">Thresholds</legend>
            <div className="mt-2.5 grid gap-4 sm:grid-cols-2">
              {RULE_FIELDS[form.kind].map((field) => (
                <Threshold key={field.name} field={field} value={form.texts[field.name] ?? ''} error={fault(`settings.${field.name}`)} onChange={(text) => set({ texts: { ...form.texts, [field.name]: text } })} />
              ))}
            </div>
          </fieldset>
        ) : null}
        <BacktestNote rule={{ ...input, builtIn: rule?.builtIn ?? false }} />
        <fieldset>
          <legend className="text-sm font-semibold text-ink">Who is told</legend>
          <div className="mt-2 flex flex-wrap gap-x-5 gap-y-2">
            {channels.map(({ id, name, enabled }) => (
              <label key={id} className="flex items-start gap-2 text-sm text-ink">
                <Checkbox checked={form.channelIds.includes(id)} onChange={(event) => set({ channelIds: event.target.checked ? [...form.channelIds, id] : form.channelIds.filter((each) => each !== id) })} />
                {name}
                {enabled ? null : <span className="text-ink-3">(off)</span>}
              </label>
            ))}
            <Link to="/channels" className="rounded-xs text-sm text-ink-2 underline underline-offset-4 hover:text-ink">Channels</Link>
          </div>
        </fieldset>
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label="While it goes on, tell" value={form.renotify} options={RENOTIFY.some(([minutes]) => minutes === form.renotify) ? RENOTIFY : [...RENOTIFY, [form.renotify, `Every ${form.renotify} minutes`] as const]} onChange={(renotify) => set({ renotify })} error={fault('renotifyMinutes')} />
          <div>
            <label className="flex items-start gap-2 text-sm font-medium text-ink">
              <Checkbox checked={form.quiet} onChange={(event) => set({ quiet: event.target.checked })} />
              Quiet hours
            </label>
            {form.quiet ? (
              <div className="mt-2 grid grid-cols-2 gap-3">
                <Field label="From" error={fault('quietHours.from')}>{(control) => <Input type="time" {...control} value={form.quietFrom} onChange={(event) => set({ quietFrom: event.target.value })} />}</Field>
                <Field label="To" error={fault('quietHours.to')}>{(control) => <Input type="time" {...control} value={form.quietTo} onChange={(event) => set({ quietTo: event.target.value })} />}</Field>
              </div>
            ) : null}
            <p className="mt-1 text-xs text-ink-3">Messages wait until they are over, in the team&apos;s time, {timeZone}.</p>
          </div>
        </div>
        {offered.length > 0 ? <OwnAction form={form} onChange={(action) => set({ action })} fault={fault} /> : null}
        <label className="flex items-start gap-2 text-sm text-ink">
          <Checkbox checked={form.enabled} onChange={(event) => set({ enabled: event.target.checked })} />
          <span>
            On <span className="block text-xs text-ink-3">Off: nothing is watched by it.</span>
          </span>
        </label>
        {failure && !known.includes(failure.field ?? '') ? <FormError error={save.error} /> : null}
      </form>
    </Dialog>
  );
}

interface ThresholdProps {
  readonly field: RuleField;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (text: string) => void;
}

function Threshold({ field, value, error, onChange }: ThresholdProps) {
  if (field.kind === 'flag') {
    return (
      <label className="flex items-start gap-2 text-sm text-ink">
        <Checkbox checked={value === 'true'} onChange={(event) => onChange(String(event.target.checked))} />
        <span>
          {field.label}
          {field.hint ? <span className="block text-xs text-ink-3">{field.hint}</span> : null}
        </span>
      </label>
    );
  }
  return <TextField label={field.label} kind={field.kind === 'modes' || field.kind === 'percents' ? 'text' : 'decimal'} hint={field.hint} value={value} onChange={onChange} error={error} placeholder={field.optional ? 'None' : field.fallback} />;
}

interface OwnActionProps {
  readonly form: RuleForm;
  readonly onChange: (action: ActionForm | null) => void;
  readonly fault: (field: string) => string | undefined;
}

/** What the rule does before anybody has looked. */
function OwnAction({ form, onChange, fault }: OwnActionProps) {
  const { action } = form;
  return (
    <fieldset>
      <legend className="text-sm font-semibold text-ink">By itself</legend>
      <div className="mt-2.5 grid gap-4 sm:grid-cols-3">
        <SelectField
          label="When it fires"
          value={action?.kind ?? 'none'}
          options={[['none', 'Only tell'], ...actionsOf(form).map((kind) => [kind, ACTION_WORDS[kind]] as const)]}
          onChange={(kind) => onChange(kind === 'none' ? null : { ...startAction(kind), expiresInMinutes: action?.expiresInMinutes ?? 240 })}
          hint={action ? 'Done at once, also in quiet hours. It can be taken back.' : undefined}
        />
        {action?.kind === 'lower_cap' ? <TextField label="At most a day, in dollars" kind="decimal" value={action.limitUsd} onChange={(limitUsd) => onChange({ ...action, limitUsd })} error={fault('action.limitUsd')} /> : null}
        {action?.kind === 'throttle' ? <TextField label="Runs a minute" kind="whole" value={action.perMinute} onChange={(perMinute) => onChange({ ...action, perMinute })} error={fault('action.perMinute')} /> : null}
        {action ? <SelectField label="For" value={String(action.expiresInMinutes)} options={EXPIRIES.map(([minutes, words]) => [String(minutes), words] as const)} onChange={(minutes) => onChange({ ...action, expiresInMinutes: Number(minutes) })} /> : null}
      </div>
    </fieldset>
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
