// Errors, over the page until dismissed: what happened, where, and what to do. Never modal.
import { CircleAlert, X } from 'lucide-react';
import { dismiss, useMessages } from '../../stores/messages.ts';

export function MessagesView() {
  const open = useMessages((s) => s.open);
  return (
    <div className="messages" aria-live="assertive">
      {open.map((message) => (
        <div key={message.id} className="message" role="alert" data-testid="message" data-code={message.code}>
          <CircleAlert size={18} aria-hidden />
          <div>
            <p className="message-what">{message.what}</p>
            {message.where && <p className="message-where">{message.where}</p>}
            <p className="message-hint">{message.hint}</p>
          </div>
          <button type="button" className="button quiet icon-only" aria-label="Dismiss" data-testid="dismiss" onClick={() => dismiss(message.id)}><X size={15} aria-hidden /></button>
        </div>
      ))}
    </div>
  );
}
