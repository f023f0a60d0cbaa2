import { Arrow } from './path-picture';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly name: string;
  readonly words: readonly string[];
  readonly tone?: 'accent';
}

const BOXES: readonly Box[] = [
  { x: 0, y: 40, width: 170, name: 'Your product', words: ['SDK around the official', 'clients; spool on disk'] },
  { x: 0, y: 190, width: 170, name: 'Browsers', words: ['the console: built files', 'that the api serves'] },
  { x: 250, y: 40, width: 210, name: 'api', words: ['/v1 for programs, /trpc for', 'the console; the ledger writer'], tone: 'accent' },
  { x: 250, y: 190, width: 210, name: 'worker', words: ['re-pricing, folding of sums,', 'healing, mail'], tone: 'accent' },
  { x: 540, y: 40, width: 200, name: 'PostgreSQL', words: ['every fact; row level security', 'for each team'] },
  { x: 540, y: 190, width: 200, name: 'Redis, optional', words: ['jobs, when there is more', 'than one process'] },
];

/** The processes and where facts stand. One `npm start` runs all of the middle, with the database inside. */
export function ArchitecturePicture() {
  return (
    <figure className="scroll-thin overflow-x-auto rounded-md border border-line bg-surface p-4" tabIndex={0} role="region" aria-label="Picture: processes and stores">
      <svg viewBox="0 0 740 290" className="h-auto w-full min-w-[38rem]" role="img" aria-label="Your product sends usage over HTTP to the api; browsers load the console from the api. The api and the worker write to PostgreSQL, the only place with facts. Redis holds jobs when there is more than one process.">
        <rect x={230.5} y={0.5} width={249} height={289} rx={12} fill="none" strokeDasharray="4 4" className="stroke-line-strong" />
        <text x={244} y={24} className="fill-ink-3 text-[12px]">Outlay: one process, or many</text>
        {BOXES.map(({ x, y, width, name, words, tone }) => (
          <g key={name}>
            <rect x={x + 0.5} y={y} width={width - 1} height={80} rx={8} className={tone ? 'fill-accent-soft stroke-accent-line' : 'fill-surface-2 stroke-line-strong'} />
            <text x={x + 14} y={y + 26} className="fill-ink text-[14px] font-semibold">{name}</text>
            {words.map((line, row) => (
              <text key={line} x={x + 14} y={y + 47 + row * 17} className="fill-ink-2 text-[12px]">{line}</text>
            ))}
          </g>
        ))}
        <Arrow x1={170} y1={80} x2={250} y2={80} />
        <Arrow x1={170} y1={222} x2={250} y2={112} />
        <Arrow x1={460} y1={80} x2={540} y2={80} />
        <Arrow x1={460} y1={222} x2={540} y2={112} />
        <Arrow x1={460} y1={240} x2={540} y2={240} dashed />
      </svg>
    </figure>
  );
}
