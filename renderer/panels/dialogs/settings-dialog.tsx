// Settings: what holds for all models. Every change counts at once and is kept by the engine.
import { DEFAULT_SETTINGS, MOST_THREADS, type Settings } from '../../../core/contract/index.ts';
import { Dialog } from '../../controls/dialog.tsx';
import { Row, SelectField, TextField } from '../../controls/field.tsx';
import { METRICS } from '../../controls/number-text.ts';
import { Segmented } from '../../controls/segmented.tsx';
import { changeSettings, isMemory, settingsNow, useSettings } from '../../stores/settings.ts';
import { useView, type Metric } from '../../stores/view.ts';

const THEMES = [{ value: 'system', label: 'As the system', testId: 'theme-system' }, { value: 'light', label: 'Light', testId: 'theme-light' }, { value: 'dark', label: 'Dark', testId: 'theme-dark' }] as const;
const METRIC_OPTIONS = (Object.keys(METRICS) as Metric[]).map((value) => ({ value, label: `${METRICS[value].label}: ${METRICS[value].name.toLowerCase()}` }));

/** A whole number within bounds; null for an empty field; undefined for anything else. */
function wholeOf(text: string, least: number, most: number): number | null | undefined {
  if (text.trim() === '') return null;
  const number = Number(text);
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

function Group({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return <section className="settings-group" aria-label={title}><h3>{title}</h3><div className="fields">{children}</div></section>;
}

export function SettingsDialog() {
  const open = useView((s) => s.dialog === 'settings');
  const settings = useSettings();
  const change = (part: Partial<Settings>): void => changeSettings(part);
  const isDefault = JSON.stringify({ ...DEFAULT_SETTINGS, ...settingsNow() }) === JSON.stringify(DEFAULT_SETTINGS);
  const actions = (
    <>
      <button type="button" className="button" data-testid="settings-reset" aria-disabled={isDefault} onClick={() => { if (!isDefault) change(DEFAULT_SETTINGS); }}>Reset to defaults</button>
      <span className="spacer" />
      <button type="button" className="button primary" onClick={() => useView.setState({ dialog: null })}>Done</button>
    </>
  );
  return (
    <Dialog title="Settings" open={open} testId="settings-dialog" onClose={() => useView.setState({ dialog: null })} actions={actions}>
      <Group title="Appearance">
        <Row label="Theme"><Segmented label="Theme" value={settings.theme} options={THEMES} onChange={(theme) => change({ theme })} /></Row>
        <SelectField label="Error shown" value={settings.metric} options={METRIC_OPTIONS} testId="setting-metric" onChange={(metric) => change({ metric })} />
      </Group>
      <Group title="Engine">
        <TextField
          label="Threads" numeric value={settings.threads?.toString() ?? ''} placeholder={`all cores (${settings.cores})`} testId="setting-threads"
          onCommit={(text) => { const threads = wholeOf(text, 1, MOST_THREADS); if (threads !== undefined) change({ threads }); }}
        />
        <p className="field-note">1 to {MOST_THREADS}; empty: one for each core. Holds for models that are opened from now on.</p>
        <TextField
          label="Memory, MiB" numeric value={String(settings.memoryMiB)} testId="setting-memory"
          onCommit={(text) => { const memoryMiB = Number(text); if (text.trim() !== '' && isMemory(memoryMiB)) change({ memoryMiB }); }}
        />
        <p className="field-note">For activations of evaluation samples, kept so that a change is measured without running everything again.</p>
        <label className="check">
          <input type="checkbox" checked={settings.atOnce} data-testid="setting-at-once" onChange={(event) => change({ atOnce: event.target.checked })} />
          Measure each change at once, after a first run
        </label>
      </Group>
      <Group title="New models">
        <TextField
          label="Calibrate with" numeric value={settings.calibrationSamples?.toString() ?? ''} placeholder="all samples" testId="setting-calibration"
          onCommit={(text) => { const calibrationSamples = wholeOf(text, 1, 1e9); if (calibrationSamples !== undefined) change({ calibrationSamples }); }}
        />
        <p className="field-note">Samples that a newly opened model is calibrated with, unless the panel Runs says otherwise.</p>
      </Group>
      {!settings.kept && <p className="field-note">There is no folder to keep settings in; they hold until this engine ends.</p>}
    </Dialog>
  );
}
