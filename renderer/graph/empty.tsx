// What stands where the graph will be, before a model is open: how to begin.
import { ActionButton } from '../controls/action-button.tsx';
import { useSession } from '../stores/session.ts';

export function Empty() {
  const connection = useSession((s) => s.connection);
  const opening = useSession((s) => s.jobs.some((job) => job.kind === 'model'));
  if (connection !== 'ready') return <section className="empty"><p>{connection === 'lost' ? 'Waiting for the engine to come back…' : 'Starting the engine…'}</p></section>;
  if (opening) return <section className="empty"><p>Opening…</p></section>;
  return (
    <section className="empty" aria-label="Begin">
      <h1>Open a network to begin</h1>
      <p>Requant opens trained ONNX and TensorFlow models (.onnx, .tflite, frozen .pb). Drop a file anywhere in this window, or:</p>
      <div className="empty-buttons">
        <ActionButton action="open-model" testId="empty-open-model" look="primary" />
        <ActionButton action="open-sample" testId="empty-open-sample" />
      </div>
      <ol>
        <li>Load calibration data, and labelled data to measure accuracy.</li>
        <li>Click nodes to run them at int8, int16 or in float.</li>
        <li>Run, and see the error of every layer as colour on the graph.</li>
      </ol>
    </section>
  );
}
