// What has happened, newest at the bottom.
import { useEffect, useRef } from 'react';
import { useMessages } from '../../stores/messages.ts';

const timeText = (at: Date): string => at.toTimeString().slice(0, 8);

export function LogPanel() {
  const log = useMessages((s) => s.log);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => { list.current?.scrollTo({ top: list.current.scrollHeight }); }, [log]);
  return (
    // Scrollable, so it must be reachable by keyboard.
    <ol className="log" ref={list} tabIndex={0} aria-label="Log" data-testid="log">
      {log.map((entry) => (
        <li key={entry.id} className={entry.level}>
          <time>{timeText(entry.at)}</time>
          <span>{entry.text}</span>
        </li>
      ))}
    </ol>
  );
}
