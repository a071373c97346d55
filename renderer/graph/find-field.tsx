// The find field: selects what matches while one types; Enter goes from hit to hit.
import { useEffect, useRef, useState } from 'react';
import { reveal, select } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import { findNodes } from './find.ts';

export function FindField() {
  const nodes = useSession((s) => s.model?.nodes);
  const tick = useView((s) => s.findTick);
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => { if (tick > 0) { input.current?.focus(); input.current?.select(); } }, [tick]);
  const found = findNodes(nodes ?? [], text);

  const go = (to: number): void => {
    const hit = found[((to % found.length) + found.length) % found.length];
    if (!hit) return;
    setAt(to);
    reveal(hit.name);
  };
  return (
    <div className="find" role="search">
      <input
        ref={input} className="input" type="search" placeholder="Find nodes" aria-label="Find nodes" data-testid="find" value={text}
        onChange={(event) => {
          const hits = findNodes(nodes ?? [], event.target.value);
          setText(event.target.value);
          setAt(0);
          select(hits.map((node) => node.name));
          if (hits[0]) reveal(hits[0].name);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(at + (event.shiftKey ? -1 : 1));
          if (event.key === 'Escape') { setText(''); event.currentTarget.blur(); }
        }}
      />
      {text.trim() !== '' && <span className="find-count" aria-live="polite">{found.length === 0 ? 'none' : `${(((at % found.length) + found.length) % found.length) + 1} of ${found.length}`}</span>}
    </div>
  );
}
