// Families of operators: the colour of a card's stripe when no overlay is on. Matching is by name and open-ended, since
// the studio draws whatever the engine sends; an unknown operator is "other".

export const FAMILIES = {
  convolution: 'Convolution',
  dense: 'Dense',
  elementwise: 'Elementwise',
  pooling: 'Pooling',
  activation: 'Activation',
  shape: 'Shape and data movement',
  normalization: 'Normalization',
  other: 'Other',
} as const;
export type Family = keyof typeof FAMILIES;

const RULES: readonly (readonly [RegExp, Family])[] = [
  [/conv/, 'convolution'],
  [/dense|gemm|matmul|fully|linear/, 'dense'],
  [/pool|reduce|mean|argm/, 'pooling'],
  [/norm|lrn/, 'normalization'],
  [/relu|sigmoid|tanh|softmax|clip|swish|gelu|elu|erf|exp/, 'activation'],
  [/add|sub|mul|div|binary|max|min|pow|sqrt|neg|abs/, 'elementwise'],
  [/reshape|transpose|concat|slice|split|pad|squeeze|flatten|gather|upscale|resize|broadcast|cast|tile|depth_to|space_to|strided/, 'shape'],
];

export function familyOf(op: string): Family {
  const name = op.toLowerCase();
  return RULES.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

/** `MLA_0/conv2d_add_relu_3` without its unit: `conv2d_add_relu_3`. */
export const shortName = (name: string): string => name.slice(name.indexOf('/') + 1);
