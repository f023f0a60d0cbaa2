import { useMutation } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import type { ComponentProps } from 'react';
import { readFailure } from '../api/read-failure';
import { enterConsole } from '../api/session';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { localTimeZone } from '../ui/time-zones';
import { toast } from '../ui/toast';

/** Wide enough to see the whole story. */
const FIRST_LOOK = '/?range=30d';

/** Makes the person's demo team and enters it; one who has it already enters that one. */
export function DemoButton({ look, size, className, children = 'Look around with demo data' }: Pick<ComponentProps<typeof Button>, 'look' | 'size' | 'className' | 'children'>) {
  const create = useMutation(
    trpc.demo.create.mutationOptions({
      onSuccess: () => enterConsole(FIRST_LOOK),
      onError: (error) => void toast.error(readFailure(error).message),
    }),
  );
  return (
    <Button
      look={look}
      size={size}
      className={className}
      busy={create.isPending || create.isSuccess}
      icon={<FlaskConical className="size-4" aria-hidden />}
      onClick={() => create.mutate({ timeZone: localTimeZone() })}
      data-testid="create-demo"
    >
      {children}
    </Button>
  );
}
