// Files and bytes that the core keeps for messages, under names that nobody can guess: a path in JSON could come from
// anywhere.

import { native } from './native.js'

/** What is said about a file or bytes. */
export interface LocalMediaOptions {
  /** The name that it goes under. A file's own unless given. */
  filename?: string | undefined
  /** Its MIME type, where content and name do not tell it. */
  mimeType?: string | undefined
}

const forgotten = new FinalizationRegistry<string>((name) => native.letGo(name))

/** A file of this machine, or bytes: made with `Media.file` and `Media.bytes`, uploaded when a message with it is sent. */
export class LocalMedia {
  readonly #name: string
  readonly #shown: string

  /** @internal */
  constructor(path: string | undefined, data: Uint8Array | undefined, { filename, mimeType }: LocalMediaOptions = {}) {
    const described = { path, filename, mime_type: mimeType }
    const answer = JSON.parse(native.hold(JSON.stringify(described), data)) as { ok?: string }
    // What cannot be kept is told where it is sent.
    this.#name = answer.ok ?? ''
    this.#shown = path === undefined ? `bytes (${data?.length})` : `file '${path}'`
    forgotten.register(this, this.#name)
  }

  /** @internal */
  static toCore(media: LocalMedia): object {
    kept?.push(media)
    return { upload: media.#name }
  }

  /** Shows where it is; bytes are not shown. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Media { ${this.#shown} }`
  }
}

let kept: LocalMedia[] | undefined

/** What `make` makes, and the files in it: whoever keeps the one as text keeps the others, too. */
export function keeping<Made>(make: () => Made): [Made, readonly LocalMedia[]] {
  const media: LocalMedia[] = []
  kept = media
  try {
    return [make(), media]
  } finally {
    kept = undefined
  }
}
