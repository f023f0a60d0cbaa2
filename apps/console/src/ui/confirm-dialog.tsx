import type { ReactNode } from 'react';
import { Button } from './button';
import { Dialog } from './dialog';
import { FormError } from './error-state';

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What happens, to whom, and whether it can be undone. */
  readonly children: ReactNode;
  /** The verb: "Revoke key". */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly busy: boolean;
  readonly error: unknown;
}

export function ConfirmDialog({ open, onOpenChange, title, children, action, onConfirm, busy, error }: ConfirmDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={children}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {error ? <FormError error={error} /> : null}
    </Dialog>
  );
}
