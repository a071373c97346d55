// Renders icon.svg to icon.png (1024 px; electron-builder makes each platform's format of it): node assets/icons/make.mjs
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

const at = (name) => new URL(name, import.meta.url);
await sharp(await readFile(at('icon.svg')), { density: 144 }).resize(1024, 1024).png({ compressionLevel: 9, palette: true, quality: 90 }).toFile(at('icon.png').pathname);
