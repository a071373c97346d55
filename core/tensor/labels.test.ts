// Labels from .csv text and arrays.
import { describe, expect, it } from 'vitest';
import { alignLabels, labelsOf, labelsOfFolders, parseLabels } from './labels.ts';
import { float32, tensor } from './tensor.ts';

describe('labels', () => {
  it('reads file,class_index with or without a header, quoted names included', () => {
    const expected = { kind: 'named', labels: new Map([['a.png', 3], ['b, c.png', 0]]) };
    expect(parseLabels('file,class_index\na.png,3\n"b, c.png",0\n', 'l.csv')).toEqual(expected);
    expect(parseLabels('\uFEFFa.png, 3\r\n"b, c.png",0\r\n', 'l.csv')).toEqual(expected);
  });

  it('reads one column in sample order', () => {
    expect(parseLabels('class\n1\n0\n\n2\n', 'l.csv')).toEqual({ kind: 'ordered', labels: Int32Array.of(1, 0, 2) });
  });

  it.each([
    ['nothing', '', 'the file holds no labels'],
    ['a header alone', 'file,class_index\n', 'the file holds no labels'],
    ['three columns', 'a,1,2\n', 'line 1 has 3 columns; file,class_index or one column is expected'],
    ['a word for a class', 'a.png,1\nb.png,cat\n', 'line 2 is not file,class_index'],
    ['a name with two labels', 'a.png,1\na.png,2\n', 'line 2 gives a.png a second label'],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseLabels(text, 'l.csv')).toThrow(expect.objectContaining({ code: 'DATA_LABELS', message }));
  });

  it('takes arrays of whole numbers of any type, [n] or [n, 1], and nothing else', () => {
    expect(labelsOf(tensor('int64', [2, 1], BigInt64Array.of(7n, 1n)))).toEqual(Int32Array.of(7, 1));
    expect(labelsOf(float32([2], [7, 1]))).toEqual(Int32Array.of(7, 1));
    expect(() => labelsOf(float32([2], [7, 0.5]))).toThrow(expect.objectContaining({ code: 'DATA_LABELS', where: { sample: 1 } }));
    expect(() => labelsOf(tensor('int8', [1], Int8Array.of(-1)))).toThrow('-1 is not a class index');
    expect(() => labelsOf(float32([1, 2], [0, 1]))).toThrow('labels of shape [1, 2] are not one number a sample');
  });

  it('binds rows to images by name, and asks for one label for each sample', () => {
    const named = parseLabels('images/a.png,3\nb.png,4\n', 'l.csv');
    expect(alignLabels(named, 2, ['/data/b.png', '/data/a.png'], {})).toEqual(Int32Array.of(4, 3));
    expect(() => alignLabels(named, 1, ['/data/c.png'], {})).toThrow('there is no label for c.png');
    expect(() => alignLabels(named, 2, undefined, {})).toThrow('labels by file name need a folder of images');
    expect(() => alignLabels(parseLabels('1\n2\n', 'l.csv'), 3, undefined, {})).toThrow('2 labels do not fit 3 samples');
  });
});

describe('labels by folder', () => {
  const of = (...names: string[]): unknown => { const found = labelsOfFolders(names); return found && [[...found.labels], [...found.classes]]; };
  it('numbers the folders in the order of their names, however deep the images lie and wherever they come from', () => {
    expect(of('dog/1.png', 'cat/2.png', 'dog/more/3.png')).toEqual([[1, 0, 1], [[0, 'cat'], [1, 'dog']]]);
    expect(of('pictures/dog/1.png', 'pictures/Cat/2.png')).toEqual([[1, 0], [[0, 'Cat'], [1, 'dog']]]);
    expect(of('a\\1.png', 'b\\2.png')).toEqual([[0, 1], [[0, 'a'], [1, 'b']]]);
  });
  it('takes the numbers that all folders are called by, and not those of only some', () => {
    expect(of('10/a.png', '9/b.png', '007/c.png')).toEqual([[10, 9, 7], [[7, '007'], [9, '9'], [10, '10']]]);
    expect(of('10/a.png', '9/b.png', 'x/c.png')).toEqual([[0, 1, 2], [[0, '10'], [1, '9'], [2, 'x']]]);
    expect(of('1/a.png', '01/b.png')).toEqual([[1, 0], [[0, '01'], [1, '1']]]);
  });
  it.each([
    ['no folders', ['1.png', '2.png']], ['one folder for all', ['a/1.png', 'a/2.png']], ['an image beside the folders', ['a/1.png', 'b/2.png', '3.png']], ['no images', []],
  ])('there are none with %s', (_what, names) => { expect(labelsOfFolders(names)).toBeUndefined(); });
});
