// Markup: whatever a model calls its nodes stays text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { element, escape } from './markup.ts';

const ENTITY: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': '\'' };
const read = (text: string): string => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITY[entity] ?? '');

describe('escaping', () => {
  it('leaves nothing that could begin a tag, an entity or end an attribute, and loses no text', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'a;/= \n', 'é', '×', '😀') }), (text) => {
      const safe = escape(text);
      expect(safe).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      expect(read(safe)).toBe(text);
    }));
  });
  it('puts U+FFFD for what XML forbids and UTF-8 cannot hold: control characters and halves of pairs', () => {
    expect(escape('a\u0000b\u001bc\ud800d\udc00e\uffff\t\n')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\ufffd\t\n');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escape(text)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
      expect(Buffer.from(escape(text)).toString()).toBe(escape(text));
    }));
  });
});

describe('an element', () => {
  it('escapes values and text, and takes other elements as they are', () => {
    expect(String(element('g', { id: '"><script>', x: 1, y: undefined }, element('title', {}, '</title><b>'), 'a & b')))
      .toBe('<g id="&quot;&gt;&lt;script&gt;" x="1"><title>&lt;/title&gt;&lt;b&gt;</title>a &amp; b</g>');
  });
  it('without content ends as HTML or SVG wants it', () => {
    expect([element('rect', { width: 2 }), element('meta', { charset: 'utf-8' }), element('td')].map(String)).toEqual(['<rect width="2"/>', '<meta charset="utf-8">', '<td></td>']);
  });
});
