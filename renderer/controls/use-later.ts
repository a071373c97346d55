// What may follow a moment behind: parts of the page beside the one that a person watches.
import { startTransition, useEffect, useState } from 'react';

/** About as long as a small network takes to measure a change: what comes of it is then drawn together with the change. */
const QUIET_MS = 100;

/** The value as it was when it last stayed the same for a moment. */
export function useLater<T>(value: T): T {
  const [later, setLater] = useState({ value });
  useEffect(() => {
    if (Object.is(later.value, value)) return;
    const timer = setTimeout(() => startTransition(() => setLater({ value })), QUIET_MS);
    return () => clearTimeout(timer);
  }, [later, value]);
  return later.value;
}
