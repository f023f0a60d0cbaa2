import { useMutation, useQueryClient } from '@tanstack/react-query';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { toast } from '../ui/toast';
import { ruleText } from './prepare-rule';
import type { Rule } from './rules-page';

/** What a rule watches, before it is switched on. */
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
      {enable.error ? <FormError error={enable.error} /> : null}
    </Dialog>
  );
}
