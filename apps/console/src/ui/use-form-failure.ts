import { useCallback, useState } from 'react';
import type { FieldValues, Path, UseFormSetError } from 'react-hook-form';
import { readFailure } from '../api/read-failure';

/**
 * Puts a server's refusal where it belongs: under the field it names, else above the buttons. What was typed stays.
 */
export function useFormFailure<Values extends FieldValues>(setError: UseFormSetError<Values>, fields: readonly Path<Values>[]) {
  const [failure, setFailure] = useState<unknown>(null);
  const show = useCallback(
    (error: unknown) => {
      const { field, message } = readFailure(error);
      const own = fields.find((each) => each === field);
      setFailure(own ? null : error);
      if (own) setError(own, { type: 'server', message }, { shouldFocus: true });
    },
    [setError, fields],
  );
  return { failure, show, clear: () => setFailure(null) };
}
