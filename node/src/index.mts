// The same classes as `require('wacloud')` gives, so that `instanceof` holds between the two.
export * from './index.js'
