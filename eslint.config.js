// Lint rules: typescript-eslint's strict type-checked set, React's hooks, and the house rules on top.
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  // AssemblyScript looks like TypeScript and is not.
  globalIgnores(['core/kernels/assembly/', 'dist/', 'release/', 'node_modules/', 'test/output/', '**/*.d.ts']),
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.cts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Numbers are what this project prints; `${n}` is meant.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `(event) => listener(event)` reads better than braces around a call that returns nothing.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A `!` needs its reason in a comment: `// eslint-disable-next-line ... -- reason`.
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Parsed and indexed data is checked even where its type says that it cannot be missing.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Alphabets and names are spread by character, on purpose.
      '@typescript-eslint/no-misused-spread': 'off',
      // An async function is the plainest way to turn a throw into a rejection.
      '@typescript-eslint/require-await': 'off',
      // Electron's classes are declared twice, in two namespaces, and the rule takes them for strangers.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A type parameter used once still documents what a caller may ask for (contract, operators).
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      'no-console': 'off',
      eqeqeq: 'error',
    },
  },
  {
    // The preload is CommonJS, as a sandbox demands.
    files: ['**/*.cts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['renderer/**/*.ts', 'renderer/**/*.tsx'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    // Unit tests stand beside the code, but only test/'s compiler project holds them.
    files: ['**/*.test.ts', '**/*.test.tsx'],
    languageOptions: { parserOptions: { projectService: false, project: './test/tsconfig.json' } },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '*.js'],
    extends: [tseslint.configs.recommended],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // Not part of a compiler project: read without type information.
    files: ['*.ts', 'renderer/vite.config.ts', 'renderer/build/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
  },
);
