// A tooltip for hover and for keyboard focus.
import { Tooltip } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

export function Tip({ text, keys, children }: { readonly text: ReactNode; readonly keys?: string; readonly children: ReactElement }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tip" sideOffset={6} collisionPadding={8}>
          {text}
          {keys !== undefined && <kbd>{keys}</kbd>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
