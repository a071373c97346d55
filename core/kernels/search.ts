// The loop of the search for the clip range of least squared error, on the kernels' memory and threads.
import { instruction } from './instructions.ts';
import { pass } from './passing.ts';

/** Nanoseconds of one edge for one candidate, about. */
const EDGE_NS = 1.2;

/** SearchLoops in core/calibrate/range.ts says what they give. */
export const searchLoops = { squaredErrors };

function squaredErrors(edges: Float64Array, drops: Float64Array, candidates: Float64Array): Float64Array {
  const candidateCount = candidates.length / 3;
  return pass(edges.length * candidateCount * EDGE_NS, Math.ceil(candidateCount / 2), ({ pin, room }) => {
    const y = room(candidateCount * 8);
    const parameters = { edges: pin(edges), drops: pin(drops), count: edges.length, candidates: pin(candidates), candidateCount, y };
    return { instruction: (pieces) => instruction('squaredErrors', parameters, pieces), result: (bytes) => new Float64Array(bytes, y, candidateCount).slice() };
  });
}
