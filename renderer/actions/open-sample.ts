// Open the built-in sample model with its data.
import { Shapes } from 'lucide-react';
import { openSample } from '../calls/open-model.ts';
import type { Action } from './action.ts';

export const openSampleAction: Action = { id: 'open-sample', label: 'Open sample', icon: Shapes, run: openSample };
