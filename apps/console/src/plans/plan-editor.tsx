import { useState } from 'react';
import { Checkbox } from '../ui/input';
import { Field } from '../ui/field';
import { Segmented } from '../ui/tabs';
import { AccessFields, NamedFields, ProtectionFields, type PartProps } from './access-fields';
import { AllowanceFields } from './allowance-fields';
import { changeAt, Group, SelectField, TextField, without } from './editor-fields';
import { newAllowance } from './plan-form';
import { INTERVALS, ROUNDINGS } from './plan-shape';

const ROUNDING_WORDS = { half_even: 'To the nearest cent, ties to even', half_up: 'To the nearest cent, ties up', down: 'Down', up: 'Up' } as const;
const INTERVAL_WORDS = { month: 'Month', quarter: 'Quarter', year: 'Year' } as const;

/** The whole of a plan, part by part. What is wrong stands at its field. */
export function PlanEditor({ form, fault, onChange }: PartProps) {
  return (
    <div>
      <PriceFields form={form} fault={fault} onChange={onChange} />
      <Group
        title="Allowances"
        note="What is included, in the units that your customers buy. One outcome counts for one allowance."
        error={fault('allowances')}
        add={{ label: 'Add an allowance', onAdd: () => onChange({ allowances: [...form.allowances, newAllowance(form)] }) }}
      >
        {form.allowances.map((allowance, i) => (
          <AllowanceFields
            key={i}
            allowance={allowance}
            path={`allowances.${i}`}
            currency={form.currency}
            interval={form.interval}
            fault={fault}
            onChange={(change) => onChange({ allowances: changeAt(form.allowances, i, change) })}
            onRemove={() => onChange({ allowances: without(form.allowances, i) })}
          />
        ))}
      </Group>
      <CreditFields form={form} fault={fault} onChange={onChange} />
      <AccessFields form={form} fault={fault} onChange={onChange} />
      <ProtectionFields form={form} fault={fault} onChange={onChange} />
    </div>
  );
}

function PriceFields({ form, fault, onChange }: PartProps) {
  return (
    <Group title="Price">
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        <TextField label="Base fee" kind="decimal" value={form.baseFee} onChange={(baseFee) => onChange({ baseFee })} error={fault('baseFee')} />
        <TextField label="Currency" value={form.currency} onChange={(currency) => onChange({ currency: currency.toUpperCase() })} error={fault('currency')} />
        <SelectField label="Billed every" value={form.interval} options={INTERVALS.map((each) => [each, INTERVAL_WORDS[each]] as const)} onChange={(interval) => onChange({ interval })} error={fault('interval')} />
        <SelectField className="col-span-2" label="Invoice lines are rounded" value={form.rounding} options={ROUNDINGS.map((each) => [each, ROUNDING_WORDS[each]] as const)} onChange={(rounding) => onChange({ rounding })} error={fault('rounding')} />
      </div>
      <label className="flex items-start gap-2.5 text-sm text-ink">
        <Checkbox checked={form.chargeOnlyUsable} onChange={(event) => onChange({ chargeOnlyUsable: event.target.checked })} />
        <span>
          Charge only usable outcomes
          <span className="block text-xs text-ink-3">Nobody pays for work that failed; its cost stays yours, and is shown as margin lost.</span>
        </span>
      </label>
    </Group>
  );
}

function CreditFields({ form, fault, onChange }: PartProps) {
  const { credits } = form;
  return (
    <Group
      title="Prepaid credits"
      note="A balance that outcomes burn. When it is empty, runs are denied."
      error={fault('credits') ?? fault('credits.weights')}
      add={credits ? { label: 'Weigh a workflow', onAdd: () => onChange({ credits: { ...credits, weights: [...credits.weights, { name: '', value: '1' }] } }) } : undefined}
    >
      <Segmented
        label="Prepaid credits"
        options={[{ value: 'none', label: 'None' }, { value: 'some', label: 'Granted each period' }]}
        value={credits ? 'some' : 'none'}
        onChange={(value) => onChange({ credits: value === 'none' ? null : (credits ?? { granted: '1000', expires: 'quarter', weight: '1', weights: [] }) })}
      />
      {credits ? (
        <>
          <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
            <TextField label="Credits granted" kind="decimal" value={credits.granted} onChange={(granted) => onChange({ credits: { ...credits, granted } })} error={fault('credits.granted')} />
            <SelectField
              label="Can be burned for"
              value={credits.expires}
              options={[['month', 'a month'], ['quarter', 'a quarter'], ['year', 'a year'], ['never', 'ever']]}
              onChange={(expires) => onChange({ credits: { ...credits, expires } })}
              error={fault('credits.expires')}
            />
            <TextField label="An outcome burns" kind="decimal" value={credits.weight} onChange={(weight) => onChange({ credits: { ...credits, weight } })} error={fault('credits.weight')} />
          </div>
          <NamedFields list={credits.weights} path="credits.weights" nameLabel="Workflow" valueLabel="Burns" placeholder="report_generation" fault={fault} onChange={(weights) => onChange({ credits: { ...credits, weights } })} />
        </>
      ) : null}
    </Group>
  );
}

interface JsonEditorProps {
  readonly text: string;
  readonly error: string | undefined;
  readonly onChange: (text: string) => void;
}

/** The same draft as text, for experts and for copying between teams. */
export function JsonEditor({ text, error, onChange }: JsonEditorProps) {
  const [rows] = useState(() => Math.min(Math.max(text.split('\n').length + 1, 12), 40));
  return (
    <Field label="Definition as JSON" hint="Decimals are text: a price of 0.0000001 stays what it is." error={error}>
      {(control) => (
        <textarea
          {...control}
          rows={rows}
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          className="scroll-thin w-full rounded-sm border border-line-strong bg-surface px-3 py-2 font-mono text-md leading-5 text-ink shadow-1 focus-visible:border-accent aria-invalid:border-danger sm:text-xs"
        />
      )}
    </Field>
  );
}

