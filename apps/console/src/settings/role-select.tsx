import { ROLES } from '../api/abilities';
import type { Role } from '../api/me';
import { Select } from '../ui/input';

interface RoleSelectProps {
  readonly label: string;
  readonly value: Role;
  readonly locked: boolean;
  /** Only an owner makes owners. */
  readonly mayOwn: boolean;
  readonly onChange: (role: Role) => void;
}

export function RoleSelect({ label, value, locked, mayOwn, onChange }: RoleSelectProps) {
  if (locked) return <span className="text-sm text-ink-2 capitalize">{value}</span>;
  return (
    <Select aria-label={label} value={value} onChange={(event) => onChange(ROLES.find((role) => role === event.target.value) ?? value)} className="w-32 [&>select]:h-8 [&>select]:capitalize">
      {ROLES.map((role) => (
        <option key={role} value={role} disabled={role === 'owner' && !mayOwn}>
          {role}
        </option>
      ))}
    </Select>
  );
}
