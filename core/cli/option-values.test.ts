// Texts of options and what they become.
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { count, dequantization, dimensions, names, number, numbers, pair, port, shape, size, wholeNumber } from './option-values.ts';

describe('option values', () => {
  it('reads numbers, fractions and lists', () => {
    expect(number('1/255')).toBe(1 / 255);
    expect(number('-2.5e-3')).toBe(-0.0025);
    expect(numbers('.4914,.4822,1/2')).toEqual([0.4914, 0.4822, 0.5]);
    expect(dequantization('0.5847,83')).toEqual({ scale: 0.5847, zeroPoint: 83 });
  });

  it('adds up lists and pairs that are given more than once', () => {
    expect(names('MLA_0/conv2d_0, MLA_0/conv2d_1', ['a'])).toEqual(['a', 'MLA_0/conv2d_0', 'MLA_0/conv2d_1']);
    expect(shape('Mfcc:0=1,49,10', { x: [1, 4] })).toEqual({ x: [1, 4], 'Mfcc:0': [1, 49, 10] });
    expect(size('sequence=12', { batch: 1 })).toEqual({ batch: 1, sequence: 12 });
    expect(pair('in=b:0=x', { first: 'y' })).toEqual({ first: 'y', 'in=b:0': 'x' });
  });

  it.each<[(text: string) => unknown, string[]]>([
    [number, ['', 'x', '1/0', '1/2/3', 'NaN', 'Infinity', '1,2']],
    [numbers, ['', '1,,2', '1,x']],
    [count, ['0', '-1', '1.5', '', '1e3']],
    [wholeNumber, ['-1', '1.5', '', 'x']],
    [port, ['-1', '65536', 'http']],
    [pair, ['x', '=x', 'x=']],
    [shape, ['x', 'x=', '=1', 'x=1,', 'x=1,0', 'x=1,-2', 'x=1.5', 'x=?,3']],
    [dimensions, ['', 'x', '1,', '1,0', '1.5', '-1', '1e3']],
    [size, ['x', 'x=', '=1', 'x=0', 'x=1,2']],
    [dequantization, ['1', '1,2,3', '0,0', '1,0.5']],
  ])('%o refuses what it cannot be', (parse, texts) => {
    for (const text of texts) expect(() => parse(text), text).toThrow(InvalidArgumentError);
  });
});
