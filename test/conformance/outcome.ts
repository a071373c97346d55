// What a conformance test came to, and how the outcomes of a suite are told in docs/conformance.md.

export type Outcome =
  /** Met: by operators of the graph alone, or with opaque nodes or islands, which ONNX Runtime runs as the file has them. */
  | { readonly kind: 'ir' } | { readonly kind: 'opaque' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Another result than the one recorded. `alike`: the format's own runtime does not meet the test either. */
  | { readonly kind: 'wrong'; readonly reason: string; readonly alike: boolean };

export interface SuiteResult {
  readonly title: string;
  /** Where the tests come from, in one sentence. */
  readonly source: string;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Names of the tests that the format's own runtime meets in the same run, under that runtime's name; undefined where none is run. */
  readonly runtime?: { readonly name: string; readonly met: ReadonlySet<string> };
  /** The same of the runtime's other binding, which takes and returns more; undefined where it is not asked. */
  readonly other?: { readonly name: string; readonly met: readonly string[] };
}

/** Tests that only we do not meet, of those that the runtime's other binding meets. */
export const missed = ({ outcomes, other }: SuiteResult): readonly string[] => (other?.met ?? []).filter((name) => !isMet(outcomes.get(name)));

const isMet = (outcome: Outcome | undefined): boolean => outcome?.kind === 'ir' || outcome?.kind === 'opaque';

export interface Summary {
  readonly tests: number;
  readonly ir: number;
  readonly opaque: number;
  readonly met: number;
  readonly refused: number;
  readonly alike: number;
  /** Names of those with other numbers than the ones recorded, which the runtime meets or no runtime was asked about. */
  readonly wrong: readonly string[];
  /** Tests that the runtime meets, and how many of these are met here, too. */
  readonly runtime?: { readonly met: number; readonly both: number };
}

export function summarize({ outcomes, runtime }: SuiteResult): Summary {
  const named = (holds: (outcome: Outcome) => boolean): readonly string[] => [...outcomes].filter(([, outcome]) => holds(outcome)).map(([name]) => name);
  return {
    tests: outcomes.size,
    ir: named((o) => o.kind === 'ir').length, opaque: named((o) => o.kind === 'opaque').length, met: named(isMet).length,
    refused: named((o) => o.kind === 'refused').length,
    alike: named((o) => o.kind === 'wrong' && o.alike).length, wrong: named((o) => o.kind === 'wrong' && !o.alike),
    ...(runtime ? { runtime: { met: runtime.met.size, both: [...runtime.met].filter((name) => isMet(outcomes.get(name))).length } } : {}),
  };
}

/** What the refusals have in common: the first class whose pattern a reason fits. */
const MISSING: readonly (readonly [RegExp, string])[] = [
  [/type that is not supported|element type/, 'float4, sparse tensors and maps are refused as inputs and outputs. float64, float16 and bfloat16 are computed in float32.'],
  [/opset _|sparse weights/, 'Opsets newer than 26 and sparse weights are not read.'],
  [/training mode/, 'Dropout that always trains is refused: it gives noise.'],
  [/RUNTIME_FAILED/, 'Opaque nodes and islands run in ONNX Runtime; what that has no kernel for is refused when it is loaded or run.'],
];
const OTHER = 'Other reasons, listed with their suite.';

/** docs/conformance.md. */
export function report(suites: readonly SuiteResult[]): string {
  const rows = suites.map((suite) => {
    const s = summarize(suite);
    const runtime = s.runtime && suite.runtime ? `${suite.runtime.name}: ${s.runtime.met} | ${s.runtime.both}` : '- | -';
    return `| ${suite.title} | ${s.tests} | ${s.ir} | ${s.opaque} | ${s.met} | ${s.refused} | ${s.alike} | ${s.wrong.length} | ${runtime} |`;
  });
  return [
    '# Conformance', '',
    'Written by `npm run conformance`, which fails where a number is wrong or fewer tests are met than before. Each test is imported, partitioned, run',
    'in float and held against its recorded outputs. It is met when every output has the recorded shape and numbers: floats to 1e-3 of the largest one',
    '(TensorFlow: 1e-4, half precision 2e-3; bfloat16: 1e-2), whole numbers, float8 and the length of a sequence exactly. A refusal is an error with a',
    'reason, never a number. The runtime runs the same files in the same process; what its binding for Node can neither take nor return (float8, 4-bit',
    'integers, sequences, optional values) counts as not met by it.', '',
    '| suite | tests | met by operators of the graph alone | met with opaque nodes or islands | met | refused | other numbers, and the runtime does not meet the test either | wrong | the runtime itself meets | of these met here |',
    '|---|---|---|---|---|---|---|---|---|---|', ...rows, '',
    ...suites.flatMap((suite) => (suite.other ? [`${suite.title}: ${suite.other.name} meets ${suite.other.met.length}, of which ${suite.other.met.length - missed(suite).length} are met here (\`PYTHON=python3 npm run conformance\` asks it, too).`, ''] : [])),
    ...missing(suites), ...suites.flatMap(section),
  ].join('\n');
}

function missing(suites: readonly SuiteResult[]): readonly string[] {
  const counts = new Map<string, { tests: number; runtime: number }>();
  for (const { outcomes, runtime } of suites) for (const [name, outcome] of outcomes) {
    if (outcome.kind !== 'refused') continue;
    const text = MISSING.find(([pattern]) => pattern.test(outcome.reason))?.[1] ?? OTHER;
    const count = counts.get(text) ?? { tests: 0, runtime: 0 };
    counts.set(text, { tests: count.tests + 1, runtime: count.runtime + (runtime?.met.has(name) ? 1 : 0) });
  }
  const shown = [...counts].sort(([, a], [, b]) => b.tests - a.tests).map(([text, { tests, runtime }]) => `| ${text} | ${tests} | ${runtime} |`);
  return shown.length === 0 ? [] : ['## What is missing', '', 'What every refusal comes from, over all suites.', '', '| missing | tests | of these the runtime meets |', '|---|---|---|', ...shown, ''];
}

function section(suite: SuiteResult): readonly string[] {
  const reasons = new Map<string, { readonly names: readonly string[]; readonly whole: boolean }>();
  for (const [name, outcome] of suite.outcomes) {
    if (outcome.kind !== 'refused' && outcome.kind !== 'wrong') continue;
    const key = outcome.kind === 'refused' ? outcome.reason : `${outcome.alike ? 'the runtime does not meet it either' : 'WRONG'}: ${outcome.reason}`;
    reasons.set(key, { names: [...(reasons.get(key)?.names ?? []), name], whole: outcome.kind === 'wrong' });
  }
  const shown = [...reasons].sort(([, a], [, b]) => b.names.length - a.names.length).map(([reason, { names, whole }]) => {
    const examples = whole ? names.join(', ') : `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' ...' : ''}`;
    return `| ${reason.replaceAll('|', '\\|')} | ${names.length} | ${suite.runtime ? names.filter((name) => suite.runtime?.met.has(name)).length : '-'} | ${examples} |`;
  });
  return [`## ${suite.title}`, '', suite.source, '', ...(shown.length > 0 ? ['| not met because | tests | of these the runtime meets | such as (all where numbers differ) |', '|---|---|---|---|', ...shown] : ['All are met.']), ''];
}
