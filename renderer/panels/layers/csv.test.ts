// The table as CSV: quoted by RFC 4180, safe to open in a spreadsheet, full digits.
import { afterEach, describe, expect, it } from 'vitest';
import { CONV, MODEL, runView } from '../../../test/studio/sample-views.ts';
import { addRun, EMPTY_SESSION, showModel, useSession } from '../../stores/session.ts';
import { cell, layersCsv } from './csv.ts';

afterEach(() => useSession.setState(EMPTY_SESSION, true));

describe('a cell', () => {
  it('is quoted where it holds commas, quotes or line ends', () => {
    expect([cell('a,b'), cell('say "x"'), cell('two\nlines'), cell(1.5e-9), cell(undefined)]).toEqual(['"a,b"', '"say ""x"""', '"two\nlines"', '1.5e-9', '']);
  });
  it('is no formula, whatever a model calls its nodes', () => {
    expect(cell('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"');
    expect(cell(-3)).toBe('-3');
  });
});

it('the file has a line a node, with the errors of the shown and of the compared run', () => {
  showModel(MODEL, 'sample');
  addRun(runView(1, { [CONV.name]: 40 }));
  addRun(runView(2, { [CONV.name]: 50 }));
  useSession.setState({ comparedRun: 'run-1' });
  const [head = '', first = '', ...rest] = layersCsv().split('\r\n');
  expect(head).toContain('Run 2 local mae');
  expect(head.split(',')).toHaveLength(8 + 12);
  expect(first).toMatch(/^0,MLA_0\/conv2d_0,conv2d,MLA,0,int8,1x8x8x16,1000,/);
  expect(first.split(',').map(Number)).toEqual(expect.arrayContaining([50, 40]));
  expect(rest).toHaveLength(MODEL.nodes.length);
});
