// Random cases of the unit tests are the same in every run, so that a run says something about the change and not about its luck.
// REQUANT_SEED=N draws others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['REQUANT_SEED'] ?? 20260719) });
