import { Checkbox, Input, Select } from '../ui/input';
import { Field } from '../ui/field';
import { Segmented } from '../ui/tabs';
import { changeAt, Entry, Group, RemoveButton, SelectField, TextField, without, type FaultOf } from './editor-fields';
import { newRate, type NamedText, type PlanForm } from './plan-form';
import { CAP_MODES, MODEL_TIERS, RATE_KEYS } from './plan-shape';

export interface PartProps {
  readonly form: PlanForm;
  readonly fault: FaultOf;
  readonly onChange: (change: Partial<PlanForm>) => void;
}

const KEY_WORDS = { customer: 'Customer', user: 'User', api_key: 'API key', workflow: 'Workflow' } as const;
const MODE_WORDS = { soft: 'Soft: warn', degrade: 'Degrade: cheaper model', hard: 'Hard: deny' } as const;

/** Which models, features and tools the plan has, and how large a request may be. */
export function AccessFields({ form, fault, onChange }: PartProps) {
  return (
    <>
      <Group title="Models" note="A run gets the first model of its workflow's route that the plan has.">
        <Segmented
          label="Models of the plan"
          options={[{ value: 'every', label: 'Every model' }, { value: 'some', label: 'Only these' }]}
          value={form.everyModel ? 'every' : 'some'}
          onChange={(value) => onChange({ everyModel: value === 'every' })}
        />
        {form.everyModel ? null : (
          <>
            <div className="flex flex-wrap gap-x-5 gap-y-2">
              {MODEL_TIERS.map((tier) => (
                <label key={tier} className="flex items-center gap-2 text-sm text-ink">
                  <Checkbox className="mt-0!" checked={form.tiers.includes(tier)} onChange={(event) => onChange({ tiers: MODEL_TIERS.filter((each) => (each === tier ? event.target.checked : form.tiers.includes(each))) })} />
                  {tier.charAt(0).toUpperCase() + tier.slice(1)}
                </label>
              ))}
            </div>
            <Field label="Named models" hint="One a line. They count beside the tiers." error={fault('models.named') ?? fault('models.named.0')}>
              {(control) => (
                <textarea
                  {...control}
                  rows={2}
                  spellCheck={false}
                  value={form.named}
                  onChange={(event) => onChange({ named: event.target.value })}
                  className="w-full rounded-sm border border-line-strong bg-surface px-3 py-2 font-mono text-md text-ink shadow-1 focus-visible:border-accent sm:text-xs"
                />
              )}
            </Field>
          </>
        )}
      </Group>
      <Group title="Features and tools" note="What is not named here is in the plan." error={fault('gates')} add={{ label: 'Name a feature or tool', onAdd: () => onChange({ gates: [...form.gates, { name: '', open: false }] }) }}>
        {form.gates.map((gate, i) => (
          <div key={i} className="grid grid-cols-[minmax(0,1fr)_9rem_1.75rem] items-start gap-2">
            <Field label="Name" error={fault(`gates.${i}`)}>
              {(control) => <Input {...control} autoCapitalize="none" spellCheck={false} value={gate.name} onChange={(event) => onChange({ gates: changeAt(form.gates, i, { name: event.target.value }) })} />}
            </Field>
            <SelectField label="Is" value={gate.open ? 'open' : 'closed'} options={[['closed', 'not in the plan'], ['open', 'in the plan']]} onChange={(value) => onChange({ gates: changeAt(form.gates, i, { open: value === 'open' }) })} />
            <RemoveButton label={`Remove ${gate.name || 'this line'}`} className="mt-7" onRemove={() => onChange({ gates: without(form.gates, i) })} />
          </div>
        ))}
      </Group>
      <Group title="Size of a request" note="A larger one is denied before it costs anything." error={fault('limits.quantities')} add={{ label: 'Limit a quantity', onAdd: () => onChange({ quantities: [...form.quantities, { name: '', value: '' }] }) }}>
        <TextField className="sm:max-w-60" label="Tokens of context" placeholder="no limit" kind="whole" value={form.contextTokens} onChange={(contextTokens) => onChange({ contextTokens })} error={fault('limits.contextTokens')} />
        <NamedFields list={form.quantities} path="limits.quantities" nameLabel="Quantity" valueLabel="At most" fault={fault} onChange={(quantities) => onChange({ quantities })} placeholder="files" />
      </Group>
    </>
  );
}

interface NamedFieldsProps {
  readonly list: readonly NamedText[];
  readonly path: string;
  readonly nameLabel: string;
  readonly valueLabel: string;
  readonly placeholder?: string;
  readonly fault: FaultOf;
  readonly onChange: (list: NamedText[]) => void;
}

/** A record, line by line. */
export function NamedFields({ list, path, nameLabel, valueLabel, placeholder = '', fault, onChange }: NamedFieldsProps) {
  return list.map((each, i) => (
    <div key={i} className="grid grid-cols-[minmax(0,1fr)_9rem_1.75rem] items-start gap-2">
      <TextField label={nameLabel} placeholder={placeholder} value={each.name} onChange={(name) => onChange(changeAt(list, i, { name }))} error={fault(`${path}.${i}`)} />
      <TextField label={valueLabel} kind="decimal" value={each.value} onChange={(value) => onChange(changeAt(list, i, { value }))} error={undefined} />
      <RemoveButton label={`Remove ${each.name || 'this line'}`} className="mt-7" onRemove={() => onChange(without(list, i))} />
    </div>
  ));
}

/** How often, and how much of your own money: what protects you, not what you sell. */
export function ProtectionFields({ form, fault, onChange }: PartProps) {
  return (
    <>
      <Group title="Rate limits" note="A run above them is answered 429, with the time to wait." error={fault('rateLimits')} add={{ label: 'Add a rate limit', onAdd: () => onChange({ rateLimits: [...form.rateLimits, newRate(form)] }) }}>
        {form.rateLimits.map((rate, i) => {
          const set = (change: Partial<typeof rate>) => onChange({ rateLimits: changeAt(form.rateLimits, i, change) });
          const at = (name: string) => fault(`rateLimits.${i}.${name}`);
          return (
            <Entry key={i} title={`Rate limit ${rate.id || 'without id'}`} onRemove={() => onChange({ rateLimits: without(form.rateLimits, i) })}>
              <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
                <TextField label="Runs" kind="whole" value={rate.limit} onChange={(limit) => set({ limit })} error={at('limit')} />
                <TextField label="In seconds" kind="whole" value={rate.windowSeconds} onChange={(windowSeconds) => set({ windowSeconds })} error={at('windowSeconds')} />
                <SelectField label="For each" value={rate.key} options={RATE_KEYS.map((key) => [key, KEY_WORDS[key]] as const)} onChange={(key) => set({ key })} />
                <SelectField label="Counted by" value={rate.kind} options={[['sliding_window', 'Sliding window'], ['token_bucket', 'Bucket that refills']]} onChange={(kind) => set({ kind })} />
                {rate.kind === 'token_bucket' ? <TextField label="At once" kind="whole" value={rate.burst} onChange={(burst) => set({ burst })} error={at('algorithm.burst')} /> : null}
                <TextField label="Id" value={rate.id} onChange={(id) => set({ id })} error={at('id')} />
              </div>
            </Entry>
          );
        })}
      </Group>
      <Group title="Cost caps" note="On what a customer of this plan costs you. Soft ones warn." error={fault('costCaps')} add={form.costCaps.length < 10 ? { label: 'Add a cost cap', onAdd: () => onChange({ costCaps: [...form.costCaps, { window: 'day', usd: '', mode: 'soft' }] }) } : undefined}>
        {form.costCaps.map((cap, i) => (
          <div key={i} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_1.75rem] items-start gap-2 sm:grid-cols-[9rem_8rem_minmax(0,1fr)_1.75rem]">
            <TextField label="Cost in USD" kind="decimal" value={cap.usd} onChange={(usd) => onChange({ costCaps: changeAt(form.costCaps, i, { usd }) })} error={fault(`costCaps.${i}.usd`)} />
            <SelectField label="A" value={cap.window} options={[['day', 'day'], ['month', 'month']]} onChange={(window) => onChange({ costCaps: changeAt(form.costCaps, i, { window }) })} />
            <div className="col-span-2 flex min-w-0 flex-col gap-1.5 sm:col-span-1">
              <label className="text-sm font-medium text-ink" htmlFor={`cost-cap-mode-${i}`}>
                When passed
              </label>
              <Select id={`cost-cap-mode-${i}`} value={cap.mode} onChange={(event) => onChange({ costCaps: changeAt(form.costCaps, i, { mode: CAP_MODES.find((mode) => mode === event.target.value) ?? cap.mode }) })}>
                {CAP_MODES.map((mode) => (
                  <option key={mode} value={mode}>
                    {MODE_WORDS[mode]}
                  </option>
                ))}
              </Select>
            </div>
            <RemoveButton label={`Remove cost cap ${i + 1}`} className="mt-7" onRemove={() => onChange({ costCaps: without(form.costCaps, i) })} />
          </div>
        ))}
      </Group>
    </>
  );
}
