// The table of every error the engine can raise: code -> what went wrong in general and what to do next.
// A call site adds the particulars (message, where). Adding an error = a row here.

export const ERROR_CODES = {
  FILE_NOT_FOUND: 'Check the path; relative paths start at the current folder.',
  FILE_UNREADABLE: 'Check that the file exists and that you may read it.',
  FILE_UNWRITABLE: 'Check that the folder exists and that you may write to it.',
  FORMAT_UNKNOWN: 'Requant opens .onnx, .tflite and frozen TensorFlow .pb models; data as .npz, .npy, .raw, .bin or a folder of images.',
  FORMAT_CORRUPT: 'The file is damaged or cut short; export or download it again.',
  FORMAT_TOO_LARGE: 'The file declares more data than it holds or than the limit allows; it is damaged or hostile.',
  FORMAT_UNSUPPORTED: 'Export the model again with one of the supported versions or types.',
  MODEL_INVALID: 'The model contradicts itself; export it again.',
  OPERATOR_UNSUPPORTED: 'Export the model without this operator, or cut it off and run it outside.',
  SHAPE_UNKNOWN: 'Give the shape of the inputs; every dimension must be a positive number.',
  SHAPE_MISMATCH: 'Feed data of the shape that the model expects; see the inputs in `requant inspect`.',
  DTYPE_MISMATCH: 'Convert the data to the type that is named.',
  DATA_INVALID: 'Remove or repair the sample that is named.',
  DATA_EMPTY: 'Give at least one sample.',
  DATA_KEY_MISSING: 'Name the array with --input NAME=KEY or --labels KEY.',
  DATA_LABELS: 'Give one whole-number label for each sample.',
  NODE_UNKNOWN: 'Use a name from `requant inspect`; names are case sensitive.',
  PRECISION_UNSUPPORTED: 'Choose one of the precisions that `requant inspect` lists for this node.',
  SCHEME_FORBIDDEN: 'Weights are symmetric, activations are per tensor, bits are 8 or 16.',
  CONFIG_INVALID: 'Correct the option that is named.',
  CALIBRATION_MISSING: 'Load calibration data and run the calibration first.',
  BUDGET_EXCEEDED: 'Use a smaller input or a larger memory budget.',
  CANCELLED: 'The job was cancelled; nothing was changed.',
  MESSAGE_INVALID: 'The studio and the engine disagree; restart Requant.',
  ENGINE_LOST: 'The engine stopped and was started again; open the model once more.',
  RUNTIME_FAILED: 'ONNX Runtime refused the graph; please report the model.',
  INTERNAL: 'This is a defect in Requant; please report it with the message above.',
} as const satisfies Record<string, string>;

/** The code of a {@link RequantError}; a key of the table above. */
export type ErrorCode = keyof typeof ERROR_CODES;

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERROR_CODES, text);
