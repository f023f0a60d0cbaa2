import { listTimeZones } from './time-zones';

/** The options of a select of time zones; those that the browser knows unless others are given. */
export function TimeZoneOptions({ zones = listTimeZones() }: { readonly zones?: readonly string[] }) {
  return zones.map((zone) => (
    <option key={zone} value={zone}>
      {zone}
    </option>
  ));
}
