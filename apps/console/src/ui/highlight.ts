export type Language = 'ts' | 'python' | 'shell' | 'json' | 'text';

export interface CodeToken {
  readonly text: string;
  readonly kind: 'plain' | 'string' | 'comment' | 'keyword' | 'number';
}

const STRING = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|${'`'}(?:\\.|[^${'`'}\\])*${'`'}`;

const GRAMMARS: Record<Exclude<Language, 'text'>, RegExp> = {
  ts: new RegExp(
    String.raw`(?<comment>\/\/[^\n]*)|(?<string>${STRING})|(?<keyword>\b(?:import|from|export|const|let|await|async|new|return|if|else|function|true|false|null|for|of)\b)|(?<number>\b\d[\d_.]*\b)`,
    'g',
  ),
  python: new RegExp(
    String.raw`(?<comment>#[^\n]*|"""[\s\S]*?""")|(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?<keyword>\b(?:import|from|as|def|return|with|for|in|if|else|or|and|not|try|except|raise|True|False|None)\b)|(?<number>\b(?:0x[\dA-Fa-f]+|\d[\d_.]*)\b)`,
    'g',
  ),
  shell: new RegExp(String.raw`(?<comment>(?<=^|\s)#[^\n]*)|(?<string>${STRING})|(?<keyword>^(?:curl|npm|npx|export|docker|node|git|cd|pnpm)\b)|(?<number>(?<=\s)-{1,2}[a-zA-Z][\w-]*)`, 'gm'),
  json: new RegExp(String.raw`(?<keyword>"(?:\\.|[^"\\\n])*"(?=\s*:))|(?<string>"(?:\\.|[^"\\\n])*")|(?<number>-?\b\d[\d.eE+-]*\b|\b(?:true|false|null)\b)`, 'g'),
};

/** Cuts code into coloured pieces. Joined, the pieces are the code again: nothing is lost or added. */
export function highlightCode(code: string, language: Language): CodeToken[] {
  if (language === 'text') return [{ text: code, kind: 'plain' }];
  const tokens: CodeToken[] = [];
  let at = 0;
  for (const match of code.matchAll(GRAMMARS[language])) {
    if (match.index > at) tokens.push({ text: code.slice(at, match.index), kind: 'plain' });
    tokens.push({ text: match[0], kind: kindOf(match.groups) });
    at = match.index + match[0].length;
  }
  if (at < code.length) tokens.push({ text: code.slice(at), kind: 'plain' });
  return tokens;
}

function kindOf(groups: Record<string, string> | undefined): CodeToken['kind'] {
  if (groups?.comment !== undefined) return 'comment';
  if (groups?.string !== undefined) return 'string';
  return groups?.keyword === undefined ? 'number' : 'keyword';
}
