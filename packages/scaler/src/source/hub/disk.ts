import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { HubMemory } from './memory.ts';

/** Where a {@link HubMemory} outlives the process. */
export interface MemoryDisk {
  /** Null when there is none, or when it cannot be read; the reason goes to `failed`. */
  load(): Promise<HubMemory | null>;
  save(memory: HubMemory): Promise<void>;
}

const FILE = 'hub-view.json';
const schema = z.object({
  format: z.literal(1),
  contactAt: z.number(),
  etag: z.string().nullable(),
  view: z.unknown(),
  kept: z.record(z.string(), z.unknown()),
});

/**
 * Makes a folder and those above it. `recursive` of `mkdir` is not used: it never ends where a folder that is there
 * answers ENOENT for a new one in it, as /proc does.
 */
export async function makeFolder(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => null);
  if (there?.isDirectory() === true) return;
  const above = dirname(folder);
  if (there === null && above !== folder) await makeFolder(above);
  await mkdir(folder);
}

/** That a folder cannot be written, and what to do. */
export function unwritable(folder: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
  return `WINDVANE_STATE_DIR: ${folder} cannot be written (${code}): mount a folder there that this user may write`;
}

/**
 * A file in `folder`, always whole: it is written beside and then renamed.
 * @param folder null keeps nothing
 */
export function createMemoryDisk(folder: string | null, failed: (error: unknown) => void): MemoryDisk {
  let writing: Promise<void> = Promise.resolve();

  async function write(memory: HubMemory): Promise<void> {
    if (folder === null) return;
    try {
      await makeFolder(folder);
      const path = join(folder, FILE);
      await writeFile(`${path}.new`, JSON.stringify(memory), { mode: 0o600 });
      await rename(`${path}.new`, path);
    } catch (error) {
      failed(new Error(unwritable(folder, error), { cause: error }));
    }
  }

  return {
    async load() {
      if (folder === null) return null;
      try {
        const parsed = schema.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
        return { ...parsed, view: parsed.view };
      } catch (error) {
        const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!absent) {
          const text = `WINDVANE_STATE_DIR: ${join(folder, FILE)} cannot be read: it is written anew once the hub answers`;
          failed(new Error(text, { cause: error }));
        }
        return null;
      }
    },
    save(memory) {
      // One after the other: two writers of one name would leave a torn file.
      writing = writing.then(() => write(memory));
      return writing;
    },
  };
}
