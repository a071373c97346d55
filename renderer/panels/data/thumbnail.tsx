// One sample as the model will see it.
import type { DataView } from '../../../core/contract/index.ts';
import { Pixels } from '../../charts/pixels.tsx';

export function Thumbnail({ sample: { label, ...picture } }: { readonly sample: DataView['preview'][number] }) {
  return (
    <figure className="thumbnail">
      <Pixels {...picture} label={label === undefined ? 'Sample' : `Sample of class ${label}`} />
      {label !== undefined && <figcaption>{label}</figcaption>}
    </figure>
  );
}
