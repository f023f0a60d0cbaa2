import { DomainError, type Result } from '@outlay/kernel';

/** The value of a pure rule, or its finding as the error that every surface knows. Errors: `invalid_input`. */
export function valueOrInvalid<T>(result: Result<T, { readonly field: string; readonly message: string }>): T {
  if (result.ok) return result.value;
  throw new DomainError('invalid_input', { field: result.error.field, message: result.error.message });
}
