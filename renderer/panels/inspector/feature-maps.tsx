// Feature maps: all channels of one sample as a sheet, the worst first; the picked one large, float beside quantized beside their difference.
import { ToggleGroup } from 'radix-ui';
import { memo, useMemo, useSyncExternalStore } from 'react';
import type { NodeMap, NodeOutput, Params, RunView, Sheet } from '../../../core/contract/index.ts';
import { compare } from '../../charts/compare.ts';
import { differences, greys } from '../../charts/heat.ts';
import { Pixels } from '../../charts/pixels.tsx';
import { errorText, numberText } from '../../controls/number-text.ts';
import { Segmented } from '../../controls/segmented.tsx';
import { useAsked } from '../../controls/use-asked.ts';
import { divergingGradient, type Ground } from '../../graph/overlays/scale.ts';
import { lookAtChannel, useLook, type MapView } from '../../stores/look.ts';
import { useView, type Metric } from '../../stores/view.ts';
import { readGround, watchGround } from '../../theme/theme.ts';

const VIEWS: readonly { readonly value: MapView; readonly label: string; readonly testId: string }[] = [
  { value: 'float', label: 'Float', testId: 'maps-float' }, { value: 'quantized', label: 'Quantized', testId: 'maps-quantized' }, { value: 'difference', label: 'Difference', testId: 'maps-difference' },
];

/** Pixels of each tile of the sheet. */
function tilesOf(sheet: Sheet, view: MapView, ground: Ground): readonly Uint8ClampedArray[] {
  const size = sheet.width * sheet.height, bytes = sheet[view];
  return sheet.channels.map((_, i) => {
    const tile = bytes.subarray(i * size, (i + 1) * size);
    return view === 'difference' ? differences(Float32Array.from(tile, (b) => b - 127.5), 127.5, ground) : greys(tile, 0, 255);
  });
}

interface ChannelSheetProps {
  readonly sheet: Sheet;
  readonly picked: number;
  readonly all: number;
  readonly metric: Metric;
}

const ChannelSheet = memo(function ChannelSheet({ sheet, picked, all, metric }: ChannelSheetProps) {
  const view = useLook((s) => s.view);
  const ground = useSyncExternalStore(watchGround, readGround);
  const tiles = useMemo(() => tilesOf(sheet, view, ground), [sheet, view, ground]);
  return (
    <>
      <Segmented label="What the sheet shows" value={view} options={VIEWS} onChange={(next) => useLook.setState({ view: next })} />
      <ToggleGroup.Root type="single" className="sheet" aria-label="Channels, the largest error first" value={String(picked)} data-testid="sheet" onValueChange={(next) => lookAtChannel(next === '' ? picked : Number(next))}>
        {sheet.channels.map((channel, i) => {
          const text = `channel ${channel}, ${errorText(sheet.errors[metric][i] ?? 0, metric)}`;
          return (
            <ToggleGroup.Item key={channel} value={String(channel)} className="tile" title={text} aria-label={text} data-testid={`tile-${channel}`}>
              <Pixels width={sheet.width} height={sheet.height} pixels={tiles[i] ?? []} />
            </ToggleGroup.Item>
          );
        })}
      </ToggleGroup.Root>
      <p className="field-note">
        {sheet.channels.length < all ? `The ${sheet.channels.length} worst of ${all} channels` : `${all} channels`}, the largest error first
        {view === 'difference' ? `; differences up to ±${numberText(sheet.most)}.` : '; each from the lowest (black) to the highest float value.'}
      </p>
    </>
  );
});

const Large = memo(function Large({ map, name }: { readonly map: NodeMap; readonly name: string }) {
  const ground = useSyncExternalStore(watchGround, readGround);
  const { width, height, float, quantized, step } = map;
  const { low, high, worst, worstAt } = useMemo(() => compare(float, quantized), [float, quantized]);
  const pictures = useMemo(() => ({ float: greys(float, low, high), quantized: greys(quantized, low, high), difference: differences(float.map((f, i) => (quantized[i] ?? 0) - f), worst, ground) }), [float, quantized, low, high, worst, ground]);
  const flat = height * 3 < width;
  return (
    <figure className={flat ? 'maps flat' : 'maps'} data-testid="feature-map">
      {VIEWS.map(({ value, label }) => (
        <div key={value}>
          <Pixels width={width} height={height} pixels={pictures[value]} label={`${label} of ${name}`} />
          <figcaption>{label}</figcaption>
        </div>
      ))}
      <p className="map-key">
        <span className="key-grey" aria-hidden /> {numberText(low)} … {numberText(high)}
        <span className="key-difference" style={{ background: divergingGradient(ground) }} aria-hidden /> ±{numberText(worst)}
      </p>
      <p className="field-note">
        {worst === 0 ? 'No difference at all' : <>Largest difference <span className="mono">{numberText(worst)}</span> at row {Math.floor(worstAt / width)}, column {worstAt % width}: float {numberText(float[worstAt] ?? 0)}, quantized {numberText(quantized[worstAt] ?? 0)}</>}
        {step > 1 && `; each pixel is the mean of ${step} × ${step}`}.
      </p>
    </figure>
  );
});

export function FeatureMaps({ params, run, output }: { readonly params: Params<'node.output'>; readonly run: RunView; readonly output: NodeOutput }) {
  const { sheet, shape } = output, channels = shape.at(-1) ?? 1;
  const metric = useView((s) => s.metric);
  const chosen = useLook((s) => s.channel);
  const channel = sheet ? (chosen !== null && chosen < channels ? chosen : sheet.channels[0] ?? 0) : null;
  const { value: map } = useAsked('node.map', { ...params, channel }, run);
  const at = sheet && channel !== null ? sheet.channels.indexOf(channel) : -1;
  return (
    <>
      <h3 className="maps-head">{sheet ? 'Feature maps' : 'All elements, row by row'}</h3>
      {sheet && channel !== null && <ChannelSheet sheet={sheet} picked={channel} all={channels} metric={metric} />}
      {channel !== null && <h4 className="maps-head" data-testid="looked-channel">Channel {channel}{sheet && at >= 0 && <span className="muted">, {errorText(sheet.errors[metric][at] ?? 0, metric)} on this sample</span>}</h4>}
      {map ? <Large map={map} name={channel === null ? 'the output' : `channel ${channel}`} /> : <p className="field-note">{map === null ? 'No picture; the log says why.' : 'Drawing…'}</p>}
    </>
  );
}
