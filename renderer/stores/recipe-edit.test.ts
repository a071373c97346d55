// What clicking a precision means for the recipe.
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, type Recipe } from '../../core/contract/index.ts';
import { ADD, CONV, FLOAT, LAST, NODES, RELU } from '../../test/studio/sample-views.ts';
import { chosenPrecision, fitRecipe, recipeText, sameRecipe, whyNot, whyNotInt32, withInt32Toggled, withPrecision, withPreset } from './recipe-edit.ts';

const INT16: Recipe = { ...DEFAULT_RECIPE, preset: 'int16' };

describe('the precision that a node runs at', () => {
  it('is the preset\'s where nobody chose', () => {
    expect(chosenPrecision(CONV, DEFAULT_RECIPE)).toBe('int8');
    expect(chosenPrecision(CONV, INT16)).toBe('int16');
  });
  it('falls back to int8 where the preset is int16 and the operator has no 16-bit form', () => {
    expect(chosenPrecision(RELU, INT16)).toBe('int8');
  });
  it('is float off the accelerator, whatever the recipe says', () => {
    expect(chosenPrecision(FLOAT, { ...INT16, nodes: { [FLOAT.name]: { precision: 'int16' } } })).toBe('float');
  });
});

describe('setting a precision', () => {
  it('adds an override for each node that can take it, and leaves the others alone', () => {
    expect(withPrecision(DEFAULT_RECIPE, NODES, 'int16').nodes).toEqual({
      [CONV.name]: { precision: 'int16' }, [ADD.name]: { precision: 'int16' }, [LAST.name]: { precision: 'int16' },
    });
  });
  it('back to the preset\'s own precision removes the override', () => {
    const changed = withPrecision(DEFAULT_RECIPE, [CONV, ADD], 'int16');
    expect(withPrecision(changed, [CONV], 'int8').nodes).toEqual({ [ADD.name]: { precision: 'int16' } });
  });
  it('to float marks the node unquantized, and an integer precision takes the mark away', () => {
    const float = withPrecision(DEFAULT_RECIPE, [CONV], 'float');
    expect(float.nodes).toEqual({ [CONV.name]: { unquantized: true } });
    expect(withPrecision(float, [CONV], 'int16').nodes).toEqual({ [CONV.name]: { precision: 'int16' } });
  });
  it('to int16 gives up int32 output, which only int8 sums have', () => {
    const int32 = withInt32Toggled(DEFAULT_RECIPE, [LAST], NODES);
    expect(int32.nodes).toEqual({ [LAST.name]: { outputInt32: true } });
    expect(withPrecision(int32, [LAST], 'int16').nodes).toEqual({ [LAST.name]: { precision: 'int16' } });
  });
  it('never changes the recipe it was given', () => {
    const before = structuredClone(DEFAULT_RECIPE);
    withPrecision(DEFAULT_RECIPE, NODES, 'float');
    expect(DEFAULT_RECIPE).toEqual(before);
  });
});

describe('int32 output', () => {
  it('is for the last integer node only', () => {
    expect(whyNotInt32(LAST, DEFAULT_RECIPE, NODES)).toBeNull();
    expect(whyNotInt32(CONV, DEFAULT_RECIPE, NODES)).toContain(RELU.name);
  });
  it('becomes possible when the readers are set to float', () => {
    expect(whyNotInt32(CONV, withPrecision(DEFAULT_RECIPE, [RELU, ADD], 'float'), NODES)).toBeNull();
  });
  it('is turned off again by the second press', () => {
    expect(withInt32Toggled(withInt32Toggled(DEFAULT_RECIPE, [LAST], NODES), [LAST], NODES).nodes).toEqual({});
  });
});

describe('reasons', () => {
  it('name the operator and what it can do', () => {
    expect(whyNot(RELU, 'int16')).toBe('relu exists only at int8');
    expect(whyNot(FLOAT, 'int8')).toContain('no integer form');
    expect(whyNot(CONV, 'int16')).toBeNull();
  });
});

describe('another preset', () => {
  it('keeps what differs from it and drops what it says anyway', () => {
    const mixed = withPrecision(withPrecision(DEFAULT_RECIPE, [CONV], 'int16'), [ADD], 'float');
    expect(withPreset(mixed, 'int16', NODES).nodes).toEqual({ [ADD.name]: { unquantized: true } });
  });
});

describe('a recipe for another model', () => {
  it('loses the nodes that are not there and the precisions that cannot be', () => {
    const recipe: Recipe = { ...DEFAULT_RECIPE, nodes: { gone: { precision: 'int16' }, [RELU.name]: { precision: 'int16' }, [CONV.name]: { precision: 'int16' } } };
    expect(fitRecipe(recipe, NODES).nodes).toEqual({ [CONV.name]: { precision: 'int16' } });
  });
});

it('a recipe in words counts what differs from the preset', () => {
  expect(recipeText(DEFAULT_RECIPE)).toBe('int8');
  expect(recipeText(withPrecision(withPrecision(DEFAULT_RECIPE, [CONV, ADD], 'int16'), [RELU], 'float'))).toBe('int8 + 2 int16 + 1 float');
});

describe('the same recipe', () => {
  it('may list its choices in another order, and leave out what is off', () => {
    const { nodes, ...general } = { ...DEFAULT_RECIPE, armOnly: true, nodes: { a: { precision: 'int16' as const }, b: { unquantized: true } } };
    expect(sameRecipe({ ...general, nodes }, { nodes: { b: { unquantized: true }, a: { precision: 'int16' } }, ...general })).toBe(true);
    expect(sameRecipe(DEFAULT_RECIPE, { ...DEFAULT_RECIPE, armOnly: false })).toBe(true);
  });

  it('asks for the same', () => {
    expect(sameRecipe(DEFAULT_RECIPE, { ...DEFAULT_RECIPE, armOnly: true })).toBe(false);
    expect(sameRecipe(DEFAULT_RECIPE, { ...DEFAULT_RECIPE, nodes: { a: { precision: 'int16' } } })).toBe(false);
  });
});
