// One sample as the model will see it.
import { useEffect, useRef } from 'react';
import type { DataView } from '../../../core/contract/index.ts';

export function Thumbnail({ sample }: { readonly sample: DataView['preview'][number] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, pixels, label } = sample;
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen || pixels.length !== width * height * 4 || pixels.length === 0) return;
    element.width = width;
    element.height = height;
    pen.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
  }, [width, height, pixels]);
  return (
    <figure className="thumbnail">
      <canvas ref={canvas} role="img" aria-label={label === undefined ? 'Sample' : `Sample of class ${label}`} />
      {label !== undefined && <figcaption>{label}</figcaption>}
    </figure>
  );
}
