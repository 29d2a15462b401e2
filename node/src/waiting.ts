// How this thread waits for the native module: one wake-up function for everything, and promises by number.

import { native, type Waker } from './native.js'

const waiting = new Map<number, () => void>()
let lastNumber = 0

const waker = new native.Waker(() => {
  for (const number of waker.take()) {
    const resume = waiting.get(number)
    waiting.delete(number)
    resume?.()
  }
})

/** Resolves when what was registered under the waker and the number has something to tell. */
export function ready(register: (waker: Waker, number: number) => void): Promise<void> {
  return new Promise((resolve) => {
    // Numbers come round after 2^32; one that is still waited for is passed over.
    do lastNumber = (lastNumber + 1) >>> 0
    while (waiting.has(lastNumber))
    waiting.set(lastNumber, resolve)
    register(waker, lastNumber)
  })
}

let claims = 0
const longestDelay = 2 ** 31 - 1
const anchor = setInterval(() => {}, longestDelay).unref()

/** Keeps the process alive while it is set: the waker alone lets it end with messages under way. */
export class Claim {
  #isSet = false

  set(isSet: boolean): void {
    if (isSet === this.#isSet) return
    this.#isSet = isSet
    claims += isSet ? 1 : -1
    if (claims === 0) anchor.unref()
    else anchor.ref()
  }
}
