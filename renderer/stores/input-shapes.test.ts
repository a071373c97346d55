// What a model leaves open, as fields, and what comes of what is typed into them.
import { describe, expect, it } from 'vitest';
import type { DeclaredInput } from '../../core/contract/index.ts';
import { fieldsOf, shapesFrom } from './input-shapes.ts';

const input = (name: string, dimensions: DeclaredInput['dimensions'], sequence = false): DeclaredInput => ({ name, dimensions, sequence });
const shown = (inputs: readonly DeclaredInput[], given = {}) => fieldsOf(inputs, given).map(({ label, value }) => `${label} = ${value}`);
const TEXT = [input('ids', ['batch', 'seq']), input('mask', ['batch', 'seq']), input('table', [4, 8])];

describe('fields', () => {
  it('are one for each open dimension; a name that stands at several inputs is asked once', () => {
    expect(shown(TEXT)).toEqual(['batch = 1', 'seq = 128']);
    expect(fieldsOf(TEXT, {})[1]?.note).toBe('ids batch×seq, mask batch×seq');
  });
  it('guess what is usual: one sample, a picture of 224 x 224 in either order', () => {
    expect(shown([input('x', ['', 3, '', ''])])).toEqual(['x: dimension 0 = 1', 'x: dimension 2 = 224', 'x: dimension 3 = 224']);
    expect(shown([input('x', [1, 'height', 'width', 3])])).toEqual(['height = 224', 'width = 224']);
    expect(shown([input('x', [1, '', '', 3])])).toEqual(['x: dimension 1 = 224', 'x: dimension 2 = 224']);
  });
  it('ask for the whole shape where the file tells nothing, and for the length of a list', () => {
    expect(shown([input('x', null), input('s', [''], true)])).toEqual(['x = ', 's: how many tensors = 1']);
  });
  it('show what was given before', () => {
    expect(shown([...TEXT, input('x', null)], { ids: [1, 64], mask: [1, 64], x: [1, 2] })).toEqual(['batch = 1', 'seq = 64', 'x = 1, 2']);
  });
});

describe('shapes', () => {
  const read = (inputs: readonly DeclaredInput[], values: Readonly<Record<string, string>>, given = {}) => shapesFrom(inputs, values, given);
  it('are whole: what the file says and what was typed; inputs that are closed are left out, what was given for others stays', () => {
    const values = Object.fromEntries(fieldsOf(TEXT, {}).map(({ key, value }) => [key, value]));
    expect(read(TEXT, values, { list: [2] })).toEqual({ shapes: { list: [2], ids: [1, 128], mask: [1, 128] } });
    expect(read([input('x', null)], { x: '1x3 x 8×8' })).toEqual({ shapes: { x: [1, 3, 8, 8] } });
    expect(read([input('s', [''], true)], { 's 0': '0' })).toEqual({ shapes: { s: [0] } });
  });
  it.each([[TEXT, { 'dimension batch': '0', 'dimension seq': '5' }, ['dimension batch']], [TEXT, { 'dimension batch': '1' }, ['dimension seq']], [[input('x', null)], { x: '' }, ['x']], [[input('x', null)], { x: '1, -3' }, ['x']],
    [[input('x', [''])], { 'x 0': '1.5' }, ['x 0']], [[input('x', [''])], { 'x 0': '99999999999999999999' }, ['x 0']]] as const)('say which field is wrong: %j %j', (inputs, values, wrong) => {
    const result = read(inputs, values);
    expect('errors' in result && Object.keys(result.errors)).toEqual(wrong);
  });
});
