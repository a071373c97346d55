// Look: the sample and the channel that a person looks at, the same from node to node, so that one sample can be followed through the network.
import { create } from 'zustand';

export type MapView = 'float' | 'quantized' | 'difference';
export interface LookState {
  /** Index among the evaluation samples of the shown run. */
  readonly sample: number;
  /** Output channel; null: the one with the largest error. */
  readonly channel: number | null;
  /** What the sheet of all channels shows. */
  readonly view: MapView;
}

export const useLook = create<LookState>(() => ({ sample: 0, channel: null, view: 'quantized' }));
export const lookAtSample = (sample: number): void => useLook.setState({ sample });
export const lookAtChannel = (channel: number | null): void => useLook.setState({ channel });
