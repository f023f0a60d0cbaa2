/** The path of one call, as a picture: it takes its colours from the theme. */
const STEPS = [
  { name: 'tag', words: ['whose cost,', 'what for'] },
  { name: 'cap', words: ['too large?', 'too dear today?'] },
  { name: 'route', words: ['this model,', 'else the next'] },
  { name: 'log', words: ['usage, time,', 'outcome'] },
  { name: 'price', words: ['by what was', 'served, exactly'] },
] as const;

const WIDTH = 132;
const GAP = 20;

export function PathPicture() {
  const total = STEPS.length * WIDTH + (STEPS.length - 1) * GAP;
  return (
    <figure className="scroll-thin overflow-x-auto rounded-md border border-line bg-surface p-4" tabIndex={0} role="region" aria-label="Picture: the path of one call">
      <svg viewBox={`0 0 ${total} 208`} className="h-auto w-full min-w-[36rem]" role="img" aria-label="Your code calls a wrapped client. The call is tagged, capped, routed to a model provider, logged and priced. Tag, cap and route happen in your process; log and price in Outlay. The provider's answer goes straight back to your code.">
        <Zone x={0} width={3 * WIDTH + 2 * GAP} words="your process: the SDK" />
        <Zone x={3 * (WIDTH + GAP)} width={2 * WIDTH + GAP} words="Outlay: the ledger" />
        {STEPS.map(({ name, words }, index) => {
          const x = index * (WIDTH + GAP);
          return (
            <g key={name}>
              <rect x={x + 8} y={36} width={WIDTH - 16} height={76} rx={8} className="fill-surface-2 stroke-line-strong" />
              <text x={x + WIDTH / 2} y={60} textAnchor="middle" className="fill-ink text-[14px] font-semibold">{name}</text>
              {words.map((line, row) => (
                <text key={line} x={x + WIDTH / 2} y={80 + row * 16} textAnchor="middle" className="fill-ink-2 text-[12px]">{line}</text>
              ))}
              {index > 0 ? <Arrow x1={x - GAP - 8} y1={74} x2={x + 8} y2={74} dashed={index === 3} /> : null}
            </g>
          );
        })}
        <rect x={2 * (WIDTH + GAP) + 8} y={160} width={WIDTH - 16} height={40} rx={8} className="fill-accent-soft stroke-accent-line" />
        <text x={2 * (WIDTH + GAP) + WIDTH / 2} y={185} textAnchor="middle" className="fill-ink text-[13px] font-medium">model provider</text>
        <Arrow x1={2 * (WIDTH + GAP) + WIDTH / 2 - 12} y1={112} x2={2 * (WIDTH + GAP) + WIDTH / 2 - 12} y2={160} />
        <Arrow x1={2 * (WIDTH + GAP) + WIDTH / 2 + 12} y1={160} x2={2 * (WIDTH + GAP) + WIDTH / 2 + 12} y2={112} />
        <text x={2 * (WIDTH + GAP) - 4} y={185} textAnchor="end" className="fill-ink-3 text-[12px]">prompt and answer go here only</text>
        <text x={3 * (WIDTH + GAP) + 8} y={148} className="fill-ink-3 text-[12px]">in the background: nobody waits for it</text>
      </svg>
    </figure>
  );
}

function Zone({ x, width, words }: { readonly x: number; readonly width: number; readonly words: string }) {
  return (
    <g>
      <rect x={x + 0.5} y={0.5} width={width - 1} height={128} rx={12} fill="none" strokeDasharray="4 4" className="stroke-line-strong" />
      <text x={x + 12} y={22} className="fill-ink-3 text-[12px]">{words}</text>
    </g>
  );
}

interface ArrowProps {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly dashed?: boolean;
}

/** A line with a head drawn by itself: a marker would need an id, which two pictures on a page would share. */
export function Arrow({ x1, y1, x2, y2, dashed = false }: ArrowProps) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const wing = (turn: number) => `${x2 - 7 * Math.cos(angle + turn)},${y2 - 7 * Math.sin(angle + turn)}`;
  return (
    <g className="fill-ink-3 stroke-ink-3">
      <line x1={x1} y1={y1} x2={x2} y2={y2} strokeWidth={1.5} strokeDasharray={dashed ? '3 3' : undefined} />
      <polygon points={`${x2},${y2} ${wing(0.45)} ${wing(-0.45)}`} stroke="none" />
    </g>
  );
}
