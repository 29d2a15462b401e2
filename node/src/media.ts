import type { MediaRef } from './generated/types.js'

/** A file to send: an https link or a media id as text, or what the functions of the same name make. */
export type Media = MediaRef

export const Media = {
  /** A file that Meta fetches from an `https://` address. */
  link(url: string | URL): Media {
    return { link: String(url) }
  },

  /** A file that was uploaded to Meta before. */
  id(id: string): Media {
    return { id }
  },
}
