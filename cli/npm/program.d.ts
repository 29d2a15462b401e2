/** The path of the `wacloud` program of this machine. Throws an error that says what to do if there is none for it. */
export declare function program(): string
