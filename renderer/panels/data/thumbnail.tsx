// One sample as the model will see it.
import type { DataView } from '../../../core/contract/index.ts';
import { Pixels } from '../../charts/pixels.tsx';

/** `name` is what its class is called, where that is known. */
export function Thumbnail({ sample: { label, ...picture }, name }: { readonly sample: DataView['preview'][number]; readonly name: string | undefined }) {
  return (
    <figure className="thumbnail">
      <Pixels {...picture} label={label === undefined ? 'Sample' : `Sample of class ${label}${name === undefined ? '' : `, ${name}`}`} />
      {label !== undefined && <figcaption>{label}</figcaption>}
    </figure>
  );
}
