// The same class as `require('wacloud/testing')` gives.
export * from './testing.js'
