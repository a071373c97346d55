// QuantizationConfig: every setting of a quantization, immutable; each with... method returns a changed copy.
import { RequantError } from '../errors/index.ts';
import { HistogramMSEMethod, type CalibrationMethod, type Precision } from '../ir/index.ts';
import type { WeightRounding } from '../ops/index.ts';
import { checkActivationScheme, checkWeightScheme, quantizationScheme, type QuantizationScheme } from './scheme.ts';

/** `sima`: shifts only; `tflite`: an 8-bit multiplier and a shift (numerics 4). */
export const RequantizationMode = { sima: 'sima', tflite: 'tflite' } as const;
export type RequantizationMode = keyof typeof RequantizationMode;
/** Values of {@link NodeConfig.quantizationPrecision}. */
export const QuantizationPrecision = { INT_8: 'int8', INT_16: 'int16' } as const satisfies Record<string, Precision>;

/** What one node does differently from the rest. */
export interface NodeConfig {
  /** What it reads and writes is stored so; as the activation scheme says where absent. */
  readonly quantizationPrecision?: Precision;
  /** The node hands on its 32-bit accumulator instead of requantizing. */
  readonly outputInt32?: boolean;
}

export interface QuantizationSettings {
  /** How the range of an activation is chosen from what calibration saw. */
  readonly calibrationMethod: CalibrationMethod;
  /** Always one scale a tensor; its bits are the precision of nodes that are not named. */
  readonly activationQuantizationScheme: QuantizationScheme;
  /** Always symmetric int8; one scale an output channel, or one for all. */
  readonly weightQuantizationScheme: QuantizationScheme;
  readonly requantizationMode: RequantizationMode;
  /** See {@link QuantizationConfig.withBiasCorrection}. */
  readonly biasCorrection: boolean;
  /** See {@link QuantizationConfig.withChannelEqualization}. */
  readonly channelEqualization: boolean;
  /** See {@link QuantizationConfig.withWeightRounding}. */
  readonly weightRounding: WeightRounding;
  /** Names of nodes that stay in float32 on the APU. */
  readonly unquantizedNodes: ReadonlySet<string>;
  /** Node name -> what it does differently. */
  readonly customQuantizationConfigs: ReadonlyMap<string, NodeConfig>;
}

const DEFAULTS: QuantizationSettings = {
  calibrationMethod: HistogramMSEMethod(),
  activationQuantizationScheme: quantizationScheme(true, false, 8),
  weightQuantizationScheme: quantizationScheme(false, true, 8),
  requantizationMode: 'sima',
  biasCorrection: false,
  channelEqualization: false,
  weightRounding: 'squant',
  unquantizedNodes: new Set(),
  customQuantizationConfigs: new Map(),
};

/** How a network is quantized. Immutable: every `with...` returns a changed copy. Start from {@link defaultQuantization} or {@link int16Quantization}. */
export class QuantizationConfig implements QuantizationSettings {
  readonly calibrationMethod: CalibrationMethod;
  readonly activationQuantizationScheme: QuantizationScheme;
  readonly weightQuantizationScheme: QuantizationScheme;
  readonly requantizationMode: RequantizationMode;
  readonly biasCorrection: boolean;
  readonly channelEqualization: boolean;
  readonly weightRounding: WeightRounding;
  readonly unquantizedNodes: ReadonlySet<string>;
  readonly customQuantizationConfigs: ReadonlyMap<string, NodeConfig>;

  constructor(settings: Partial<QuantizationSettings> = {}) {
    const all = { ...DEFAULTS, ...settings };
    this.calibrationMethod = all.calibrationMethod;
    this.activationQuantizationScheme = checkActivationScheme(all.activationQuantizationScheme);
    this.weightQuantizationScheme = checkWeightScheme(all.weightQuantizationScheme);
    this.requantizationMode = all.requantizationMode;
    this.biasCorrection = all.biasCorrection;
    this.channelEqualization = all.channelEqualization;
    this.weightRounding = all.weightRounding;
    this.unquantizedNodes = new Set(all.unquantizedNodes);
    this.customQuantizationConfigs = new Map(all.customQuantizationConfigs);
    Object.freeze(this);
  }

  private with(changes: Partial<QuantizationSettings>): QuantizationConfig {
    return new QuantizationConfig({ ...this, ...changes });
  }

  /** Sets the calibration method of activations. */
  withCalibration(method: CalibrationMethod): QuantizationConfig { return this.with({ calibrationMethod: method }); }
  /** Raises SCHEME_FORBIDDEN for a per-channel scheme. */
  withActivationQuantization(scheme: QuantizationScheme): QuantizationConfig { return this.with({ activationQuantizationScheme: scheme }); }
  /** Raises SCHEME_FORBIDDEN for an asymmetric scheme. */
  withWeightQuantization(scheme: QuantizationScheme): QuantizationConfig { return this.with({ weightQuantizationScheme: scheme }); }
  /** Replaces the set chosen by any earlier call. */
  withUnquantizedNodes(names: Iterable<string>): QuantizationConfig { return this.with({ unquantizedNodes: new Set(names) }); }
  /** Replaces the configurations of single nodes; names are checked when a network is quantized. */
  withCustomQuantizationConfigs(configs: Readonly<Record<string, NodeConfig>>): QuantizationConfig {
    for (const [node, config] of Object.entries(configs)) {
      const precision: string | undefined = config.quantizationPrecision;
      if (precision !== undefined && precision !== 'int8' && precision !== 'int16') {
        throw new RequantError('CONFIG_INVALID', `precision ${precision} is neither int8 nor int16`, { node });
      }
    }
    return this.with({ customQuantizationConfigs: new Map(Object.entries(configs)) });
  }
  /** Arithmetic between layers (numerics 4): `sima` shifts only, `tflite` has an 8-bit multiplier. */
  withRequantizationMode(mode: RequantizationMode): QuantizationConfig { return this.with({ requantizationMode: mode }); }
  /** Takes the expected error of the rounded weights from the bias (Nagel et al. 2019, section 4.2). */
  withBiasCorrection(enable = true): QuantizationConfig { return this.with({ biasCorrection: enable }); }
  /** Makes the channel ranges of neighbouring layers equal before anything is calibrated (Nagel et al. 2019, section 4.1). */
  withChannelEqualization(enable = true): QuantizationConfig { return this.with({ channelEqualization: enable }); }
  /** `squant` (default): each weight becomes one of its two neighbours, so that sums of errors stay small; `nearest`: the nearer one (numerics 4). */
  withWeightRounding(rounding: WeightRounding): QuantizationConfig { return this.with({ weightRounding: rounding }); }
}

/** MSE calibration; activations asymmetric per tensor, 8 bits; weights symmetric per channel. */
export const defaultQuantization = new QuantizationConfig();
/** The same with 16-bit activations and bias correction: with activations this fine, the int8 weights' error is what is left to mend. */
export const int16Quantization = defaultQuantization.withActivationQuantization(quantizationScheme(true, false, 16)).withBiasCorrection();
