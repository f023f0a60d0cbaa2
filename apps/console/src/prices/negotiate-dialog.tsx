import { useMutation } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { Callout } from '../ui/callout';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { toast } from '../ui/toast';
import { NegotiateForm } from './negotiate-form';
import { rateChanges } from './prepare-price';
import { priceInputOf, startForm, type PriceForm, type PriceStart } from './price-form';
import { RateChanges } from './price-timeline';
import { useRefreshPrices } from './use-price-change';
import { useTimeZone } from '../ui/time';

type Plan = Outputs['prices']['plan'];

interface NegotiateDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** The price to begin with; null for a model that is typed. */
  readonly start: PriceStart | null;
}

/** First what the contract says, then what that changes: nothing is recorded before it was seen. */
export function NegotiateDialog({ open, onOpenChange, start }: NegotiateDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      wide
      title={start?.current ? `Your price of ${start.model}` : start ? `Price ${start.model}` : 'Add a price'}
      description="It stands before the list price, from its day on, for your team only."
    >
      {open ? <Steps start={start} onDone={() => onOpenChange(false)} /> : null}
    </Dialog>
  );
}

function Steps({ start, onDone }: { readonly start: NegotiateDialogProps['start']; readonly onDone: () => void }) {
  const timeZone = useTimeZone();
  const refresh = useRefreshPrices();
  const [form, setForm] = useState<PriceForm>(() => startForm(start));
  const plan = useMutation(trpc.prices.plan.mutationOptions());
  const record = useMutation(
    trpc.prices.record.mutationOptions({
      onSuccess: async (verdict) => {
        toast.success(verdict.state === 'recorded' ? 'The price holds for the next call' : 'The price waits for approval');
        onDone();
        await refresh();
      },
    }),
  );
  const input = priceInputOf(form, timeZone);
  if (!plan.data) {
    return <NegotiateForm form={form} fixed={Boolean(start?.current)} onChange={setForm} error={plan.error} busy={plan.isPending} onCancel={onDone} onSubmit={() => plan.mutate(input)} />;
  }
  return (
    <div className="space-y-4">
      <Review plan={plan.data} />
      <FormError error={record.error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button
          icon={<ArrowLeft className="size-4" aria-hidden />}
          onClick={() => {
            plan.reset();
            record.reset();
          }}
        >
          Back
        </Button>
        <Button look="primary" busy={record.isPending} onClick={() => record.mutate(input)}>
          {plan.data.distance ? 'Propose' : 'Record the price'}
        </Button>
      </div>
    </div>
  );
}

/** What holds now, what would, and what stands in the way. */
function Review({ plan }: { readonly plan: Plan }) {
  const changes = rateChanges(plan.held[0]?.rates ?? [], plan.versions[0]?.rates ?? []);
  const isShadowed = plan.holdsNow !== null && !plan.versions.some((row) => row.id === plan.holdsNow?.id);
  return (
    <div className="space-y-4">
      {changes.length > 0 ? <RateChanges changes={changes} className="rounded-md border border-line p-3.5 text-sm!" /> : <p className="text-sm text-ink-2">No rate changes in the first bracket.</p>}
      {plan.held.length === 0 ? <p className="text-sm text-ink-2">Nothing has priced this model, tier and region so far. Its calls in quarantine are priced once this is recorded.</p> : null}
      {plan.distance ? (
        <Callout tone="warning">
          {plan.distance.warning} A change beyond ten times holds only after it is approved: by another owner, admin or finance member, or by you if there is none.
        </Callout>
      ) : null}
      {isShadowed ? <Callout tone="warning">A price of your own from a later day stands before it: this one prices calls before that day only.</Callout> : null}
      <p className="text-xs text-ink-3">It prices calls from now on. Calls of the past keep their price until you re-price them, with a preview.</p>
    </div>
  );
}
