export { type Sandbox, type SandboxOptions, startSandbox } from './api/sandbox.ts';
