// Protocol buffers: tables of messages, reading and writing them.
export * from './message.ts';
export { decoder } from './decode.ts';
export { encoder } from './encode.ts';
