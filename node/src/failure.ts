/** What every error of wacloud can do; the classes themselves, with their fields, are generated. */
export abstract class Failure extends Error {
  constructor(message: string, fields: object = {}, options?: ErrorOptions) {
    super(message, options)
    Object.assign(this, fields)
  }

  /** Everything that the error tells, for structured logs. It never holds the access token. */
  toJSON(): Record<string, unknown> {
    const fields: object = this
    return { name: this.name, message: this.message, ...fields }
  }
}
