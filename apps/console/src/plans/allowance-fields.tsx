import { Plus } from 'lucide-react';
import { Button } from '../ui/button';
import { Segmented } from '../ui/tabs';
import { changeAt, Entry, RemoveButton, SelectField, TextField, without, type FaultOf } from './editor-fields';
import { EMPTY_TIER, type AllowanceForm, type PlanForm } from './plan-form';

const GRID = 'grid grid-cols-2 gap-3 sm:grid-cols-6';

interface AllowanceFieldsProps {
  readonly allowance: AllowanceForm;
  /** `allowances.0` */
  readonly path: string;
  readonly currency: string;
  readonly interval: PlanForm['interval'];
  readonly fault: FaultOf;
  readonly onChange: (change: Partial<AllowanceForm>) => void;
  readonly onRemove: () => void;
}

/** One allowance: what it is called, what counts, how much is included, and what happens after that. */
export function AllowanceFields({ allowance, path, currency, interval, fault, onChange, onRemove }: AllowanceFieldsProps) {
  const at = (name: string) => fault(`${path}.${name}`);
  return (
    <Entry title={`Allowance of ${allowance.unit.trim() || 'no name'}`} onRemove={onRemove}>
      <div className={GRID}>
        <TextField className="sm:col-span-2" label="Unit" hint="In the singular, as a customer reads it." value={allowance.unit} onChange={(unit) => onChange({ unit })} error={at('unit')} />
        <TextField className="sm:col-span-2" label="Included" kind="decimal" value={allowance.included} onChange={(included) => onChange({ included })} error={at('included')} />
        <SelectField
          className="sm:col-span-2"
          label="Every"
          value={allowance.window}
          options={[['period', `Billing period (${interval})`], ['day', 'Day'], ['week', 'Week'], ['month', 'Calendar month']]}
          onChange={(window) => onChange({ window })}
          error={at('window')}
        />
        <TextField className="sm:col-span-2" label="Id" hint="Stays the same when the unit is renamed." value={allowance.id} onChange={(id) => onChange({ id })} error={at('id')} />
        <SelectField
          className="sm:col-span-2"
          label="Counts"
          hint={allowance.measure === 'tokens' ? 'Customers of this plan see tokens.' : 'What outcomes state.'}
          value={allowance.measure}
          options={[['units', 'Outcome units'], ['tokens', 'Tokens']]}
          onChange={(measure) => onChange({ measure })}
          error={at('measure')}
        />
        <TextField
          className="col-span-2 sm:col-span-2"
          label="Workflows"
          hint="With commas between. Empty: all that no other allowance names."
          value={allowance.workflows}
          onChange={(workflows) => onChange({ workflows })}
          error={fault(`${path}.workflows`) ?? faultBelow(fault, `${path}.workflows`, 20)}
        />
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="text-sm font-medium text-ink">When used up</span>
        <Segmented
          label="When used up"
          options={[{ value: 'soft', label: 'Go on, and charge' }, { value: 'hard', label: 'Stop' }]}
          value={allowance.mode}
          onChange={(mode) => onChange({ mode })}
        />
        {allowance.mode === 'hard' ? <span className="text-xs text-ink-3">The next run is denied until the window ends; the product shows its upgrade prompt.</span> : null}
      </div>
      {allowance.mode === 'soft' ? <OverageFields allowance={allowance} path={`${path}.exhausted.overage`} currency={currency} fault={fault} onChange={onChange} /> : null}
    </Entry>
  );
}

type OverageFieldsProps = Pick<AllowanceFieldsProps, 'allowance' | 'path' | 'currency' | 'fault' | 'onChange'>;

function OverageFields({ allowance, path, currency, fault, onChange }: OverageFieldsProps) {
  const { kind, tiers } = allowance;
  return (
    <div className="mt-3 space-y-3 border-t border-line pt-3">
      <div className={GRID}>
        <SelectField
          className="col-span-2"
          label="Price above it"
          value={kind}
          options={[['flat', 'One price'], ['graduated', 'Tiers, each for its part'], ['volume', 'Tiers, the reached one for all']]}
          onChange={(next) => onChange({ kind: next })}
        />
        {kind === 'flat' ? <TextField className="sm:col-span-2" label={`Price in ${currency || 'money'}`} kind="decimal" value={allowance.price} onChange={(price) => onChange({ price })} error={fault(`${path}.price`)} /> : null}
        <TextField className="sm:col-span-2" label="For how many" hint="1,000 for tokens: still charged exactly." kind="decimal" value={allowance.per} onChange={(per) => onChange({ per })} error={fault(`${path}.per`)} />
      </div>
      {kind === 'flat' ? null : (
        <div className="space-y-2">
          {fault(`${path}.tiers`) ? <p role="alert" className="text-xs text-danger">{fault(`${path}.tiers`)}</p> : null}
          {tiers.map((tier, i) => (
            <div key={i} className="grid grid-cols-[1fr_1fr_1fr_1.75rem] items-end gap-2">
              <TextField
                label={i === tiers.length - 1 ? 'And above' : 'Up to'}
                kind="decimal"
                placeholder={i === tiers.length - 1 ? 'no end' : ''}
                value={tier.upTo}
                onChange={(upTo) => onChange({ tiers: changeAt(tiers, i, { upTo }) })}
                error={fault(`${path}.tiers.${i}.upTo`)}
              />
              <TextField label="Price" kind="decimal" value={tier.price} onChange={(price) => onChange({ tiers: changeAt(tiers, i, { price }) })} error={fault(`${path}.tiers.${i}.price`)} />
              <TextField label="Once" placeholder="none" kind="decimal" value={tier.flat} onChange={(flat) => onChange({ tiers: changeAt(tiers, i, { flat }) })} error={fault(`${path}.tiers.${i}.flat`)} />
              {tiers.length > 1 ? <RemoveButton label={`Remove tier ${i + 1}`} className="mb-1" onRemove={() => onChange({ tiers: without(tiers, i) })} /> : <span />}
            </div>
          ))}
          <p className="text-xs text-ink-3">Tiers count what is above the included amount; the last has no end. &quot;Once&quot; is charged when the tier is entered.</p>
          <Button size="sm" look="ghost" icon={<Plus className="size-3.5" aria-hidden />} onClick={() => onChange({ tiers: [...tiers, EMPTY_TIER] })}>
            Another tier
          </Button>
        </div>
      )}
    </div>
  );
}

/** The first fault of a list that is typed as one line. */
function faultBelow(fault: FaultOf, path: string, count: number): string | undefined {
  for (let i = 0; i < count; i += 1) {
    const found = fault(`${path}.${i}`);
    if (found) return found;
  }
  return undefined;
}
