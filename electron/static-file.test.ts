import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileOf } from './static-file.ts';

const FOLDER = path.resolve('/srv/studio');

describe('the file of a path', () => {
  test('is within the folder', () => {
    expect(fileOf(FOLDER, '/assets/index.js')).toBe(path.join(FOLDER, 'assets', 'index.js'));
    expect(fileOf(FOLDER, '/')).toBe(path.join(FOLDER, 'index.html'));
    expect(fileOf(FOLDER, '/a%20b.svg')).toBe(path.join(FOLDER, 'a b.svg'));
  });

  test.each(['/../secret', '/..%2fsecret', '/a/../../secret', '/%2e%2e/%2e%2e/etc/passwd', '/../studio-other/x', '/x%00.js', '/%', '/..'])('is none for %s', (pathname) => {
    expect(fileOf(FOLDER, pathname)).toBe(null);
  });

  test('never lies outside, whatever is asked', () => {
    const part = fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '\\', '/', 'a', '%00', '%', 'studio', '//');
    fc.assert(fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 12 }), (parts) => {
      const file = fileOf(FOLDER, `/${parts.join('/')}`);
      return file === null || (file.startsWith(FOLDER + path.sep) && !file.includes('\0'));
    }));
  });
});
