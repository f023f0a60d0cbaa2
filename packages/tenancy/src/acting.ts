/** Who does something, and from where. */
import { DomainError } from '@outlay/kernel';
import type { Refusal } from './membership-rules';
import { roleCan, type Ability, type Role } from './roles';

/** Where a request came from. `requestId` is the correlation id. */
export interface RequestOrigin {
  readonly ip: string;
  readonly userAgent: string;
  readonly requestId: string;
}

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** A signed-in person acting in their active team. The role is the one read with this request. */
export interface Acting extends Person {
  readonly tenantId: string;
  readonly role: Role;
  readonly requestId: string;
}

/** Errors: `role_missing`. */
export function assertCan(acting: Acting, ability: Ability): void {
  if (!roleCan(acting.role, ability)) throw new DomainError('role_missing');
}

export function refused(refusal: Refusal): DomainError {
  const { code, ...details } = refusal;
  return new DomainError(code, details);
}
