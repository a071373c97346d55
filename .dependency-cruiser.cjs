// Who may import whom. Ground: errors <- tensor <- ir <- ops <- emit. Stages never import one another; engine/ composes them.
const STAGES = ['import', 'partition', 'calibrate', 'quantize', 'execute', 'analyze', 'save', 'search', 'compile', 'devkit'];
const GROUND = ['errors', 'tensor', 'ir', 'ops', 'protobuf', 'onnx'];

/** Code of `room` (tests beside it may look further) must import nothing in core/ but `allowed`. */
const only = (room, allowed, extra = {}) => ({
  name: `${room}-imports`,
  comment: `core/${room} may import only ${allowed.join(', ') || 'itself'}`,
  severity: 'error',
  from: { path: `^core/${room}/`, pathNot: '\\.test\\.tsx?$' },
  to: { path: '^core/', pathNot: `^core/(${[room, ...allowed].join('|')})(/|\\.)`, ...extra },
});

module.exports = {
  forbidden: [
    only('errors', []),
    only('tensor', ['errors']),
    only('ir', ['errors', 'tensor']),
    only('ops', ['errors', 'tensor', 'ir']),
    only('protobuf', ['errors']),
    only('onnx', ['errors', 'tensor', 'protobuf']),
    only('emit', GROUND),
    only('kernels', ['errors', 'tensor']),
    ...STAGES.filter((stage) => stage !== 'execute' && stage !== 'save').map((stage) => only(stage, GROUND)),
    only('save', [...GROUND, 'emit']),
    only('execute', [...GROUND, 'emit', 'kernels']),
    only('contract', ['errors', 'ir']),
    {
      name: 'contract-takes-types-of-ir',
      comment: 'core/contract runs in the page too: of ir it may take types only',
      severity: 'error',
      from: { path: '^core/contract/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^core/ir/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'doors-of-core',
      comment: 'the command line and the library use the engine; of the stages they take types only',
      severity: 'error',
      from: { path: '^core/(cli/|index\\.ts)', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^core/', pathNot: '^core/(cli|engine|contract|errors|tensor)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'renderer-sees-the-contract',
      comment: 'renderer/ sees the engine only through core/contract and core/errors',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(core|electron|test)/', pathNot: '^core/(contract|errors)/' },
    },
    {
      name: 'electron-starts-the-engine',
      comment: 'electron/ imports core/engine, core/contract and core/errors only',
      severity: 'error',
      from: { path: '^electron/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(core|renderer|test)/', pathNot: '^core/(engine|contract|errors)/' },
    },
    {
      name: 'core-knows-no-door',
      comment: 'nothing in core/ knows electron/, renderer/ or the electron package',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(electron|renderer)/|node_modules/electron(/|$)' },
    },
    {
      name: 'page-without-node',
      comment: 'the page has no Node and no Electron',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '(\\.test\\.tsx?|vite\\.config\\.ts|renderer/build/.*)$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-cycles', comment: 'no file imports itself by a detour', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolves', comment: 'every import is there', severity: 'error', from: { pathNot: '\\.test\\.tsx?$' }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^core/kernels/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'], extensions: ['.ts', '.tsx', '.mjs', '.js', '.cts', '.css', '.json'] },
    moduleSystems: ['es6', 'cjs'],
  },
};
