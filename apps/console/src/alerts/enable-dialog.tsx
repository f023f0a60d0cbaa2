import { useMutation, useQueryClient } from '@tanstack/react-query';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { toast } from '../ui/toast';
import { BacktestNote } from './backtest-note';
import { ruleText } from './prepare-rule';
import type { Rule } from './rules-page';

/** Before a rule is switched on: how often it would have fired. */
export function EnableDialog({ rule, onClose }: { readonly rule: Rule; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const enable = useMutation(trpc.alerts.setRuleEnabled.mutationOptions({
    onSuccess: async () => {
      toast.success('It watches from the next minute on');
      onClose();
      await queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
    },
  }));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Switch ${rule.name} on?`}
      description={ruleText(rule.kind, rule.scope, rule.subject, rule.settings)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={enable.isPending} onClick={() => enable.mutate({ id: rule.id, enabled: true })}>
            Switch on
          </Button>
        </>
      }
    >
      <BacktestNote rule={{ kind: rule.kind, scope: rule.scope, subject: rule.subject, settings: rule.settings, builtIn: rule.builtIn }} atOnce />
      {enable.error ? <div className="mt-4"><FormError error={enable.error} /></div> : null}
    </Dialog>
  );
}
