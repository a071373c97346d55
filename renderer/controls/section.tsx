// A part of a side panel with a heading that folds it away.
import { ChevronDown, ChevronRight } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import { useState, type ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  /** Short text at the right of the heading. */
  readonly aside?: ReactNode;
  readonly initiallyOpen?: boolean;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** Whether a person folded a section, by its title: it stays so from node to node. */
const openness = new Map<string, boolean>();

export function Section({ title, aside, initiallyOpen = true, testId, children }: SectionProps) {
  const [open, setOpen] = useState(openness.get(title) ?? initiallyOpen);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <Collapsible.Root open={open} onOpenChange={(next) => { openness.set(title, next); setOpen(next); }} className="section" data-testid={testId}>
      <h2 className="section-head">
        <Collapsible.Trigger className="section-trigger">
          <Chevron size={14} aria-hidden className="chevron" />
          <span>{title}</span>
        </Collapsible.Trigger>
        {aside !== undefined && <span className="section-aside">{aside}</span>}
      </h2>
      <Collapsible.Content className="section-body">{children}</Collapsible.Content>
    </Collapsible.Root>
  );
}
