// Groups of operations: what `wa.phone` is made of.

import { asOptions, perform, type Operation } from './operation.js'

/** What a group needs of its client. */
export interface Performer {
  [perform]<Output>(operation: Operation<Output>, required: readonly unknown[], options?: object): Promise<Output>
}

/** A page of a list, as the core tells it. */
interface Page<Item> {
  readonly items: readonly Item[]
  readonly after?: string
  readonly hasNext: boolean
}

/** The key of a group's client; not a string, so that no operation has its name. */
export const owner = Symbol('owner')

/** Operations of a common subject. */
export abstract class Group {
  declare readonly [owner]: Performer

  /** @internal */
  constructor(client: Performer) {
    belong(this, client)
  }

  /** @internal */
  protected async *pages<Item>(
    operation: Operation<Page<Item>>,
    required: readonly unknown[],
    options?: object,
  ): AsyncGenerator<Item, void, undefined> {
    let after: string | undefined
    do {
      const page = await this[owner][perform](operation, required, { ...asOptions(options), ...(after && { after }) })
      yield* page.items
      after = page.hasNext ? page.after : undefined
    } while (after !== undefined)
  }
}

/** A group that is a function, too. */
export function callable<G extends Group, Arguments extends unknown[], Result>(
  group: new (client: Performer) => G,
  client: Performer,
  call: (...given: Arguments) => Result,
): G & ((...given: Arguments) => Result) {
  const made = (...given: Arguments): Result => call(...given)
  Object.setPrototypeOf(made, group.prototype as object)
  belong(made, client)
  return made as unknown as G & ((...given: Arguments) => Result)
}

/** Hidden, so that what shows a group does not show its client. */
function belong(group: object, client: Performer): void {
  Object.defineProperty(group, owner, { value: client })
}
