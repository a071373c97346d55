// Protocol buffers: tables of messages, and reading them.
export * from './message.ts';
export { decoder } from './decode.ts';
