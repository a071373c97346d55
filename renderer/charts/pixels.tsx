// A small picture from bytes: RGBA, row by row, every pixel as it is.
import { useEffect, useRef } from 'react';

interface PixelsProps {
  readonly width: number;
  readonly height: number;
  readonly pixels: ArrayLike<number>;
  /** Absent: something beside it says what it is. */
  readonly label?: string;
}

export function Pixels({ width, height, pixels, label }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current, pen = element?.getContext('2d');
    if (!element || !pen || pixels.length !== width * height * 4 || pixels.length === 0) return;
    element.width = width;
    element.height = height;
    pen.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
  }, [width, height, pixels]);
  return <canvas ref={canvas} className="pixels" {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })} />;
}
