import { fileURLToPath } from 'node:url'

import type { MediaRef } from './generated/types.js'
import { LocalMedia, type LocalMediaOptions } from './held.js'
import { nameOf, toCore } from './values.js'

/**
 * A file to send: an https link or a media id as text, or what the functions of the same name make.
 *
 * Any other text is refused, because text from outside must never read a file.
 */
export type Media = MediaRef

/**
 * A file to upload: its path, bytes, something to read bytes from, or what `Media.file` and `Media.bytes` make. What is read
 * goes into a temporary file first, a piece at a time.
 */
export type MediaFile =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>
  | LocalMedia

/** The path of a file of this machine, also as a `file://` address. */
export type FilePath = string | URL

export { LocalMedia, type LocalMediaOptions }

export const Media = {
  /** A file that Meta fetches from an `https://` address. */
  link(url: string | URL): Media {
    return { link: String(url) }
  },

  /** A file that was uploaded to Meta before. */
  id(id: string): Media {
    return { id: id ?? null }
  },

  /**
   * A file of this machine. Its type, told by its content and its name, and its size are checked when the message is sent.
   * It is uploaded once, however many people it is sent to: its id is kept for 29 days, by content and number, in this
   * process or in the file of the setting `mediaCache`.
   *
   * @param path - Where it is. Never take it from a message.
   */
  file(path: string | URL, options?: LocalMediaOptions): LocalMedia {
    // What is no path is told where it is sent, with everything else that is wrong.
    if (typeof path !== 'string' && !(path instanceof URL)) return illMade('file', path)
    return new LocalMedia(pathOf(path), undefined, options)
  },

  /** Bytes, uploaded like a file. They are copied once, however many messages they are in. */
  bytes(data: Uint8Array | ArrayBuffer, options?: LocalMediaOptions): LocalMedia {
    if (!(data instanceof ArrayBuffer || data instanceof Uint8Array)) return illMade('bytes', data)
    return new LocalMedia(undefined, data instanceof ArrayBuffer ? new Uint8Array(data) : data, options)
  },
}

/** What crosses of media that were made of something else: its kind, and nothing of what may be a long text. */
function illMade(by: 'file' | 'bytes', given: unknown): LocalMedia {
  const kind = typeof given === 'string' ? { $unsupported: nameOf(given) } : toCore(given ?? null)
  return { [by]: kind } as unknown as LocalMedia
}

/** A path, also one that is written as `file://…`. */
export function pathOf(path: string | URL): string {
  return path instanceof URL && path.protocol === 'file:' ? fileURLToPath(path) : String(path)
}
