// Package keystore reads and writes the file that holds a keyring's keys: one authenticated file of JSON lines, whose
// root key is wrapped by whatever key-encryption keys (KEKs) the operator has. The package never sees a key: what is
// secret in the file is sealed or wrapped, and package keyring does that.
//
// # The format
//
// docs/format.md is normative and the types from [Contents] down mirror it. [Parse] checks a whole file, signature
// included, or returns an error that says which of these it is:
//
//   - [ErrVersion]: a newer format. Everything else is of no use before this is known, so it is looked at first.
//   - [ErrDamaged]: not what a writer wrote, with line and column.
//   - [ErrTampered]: well-formed, but the identity that it names did not sign it.
//
// [Append] writes the one spelling that Parse takes: Append of what Parse returned gives the same bytes. The signature
// proves that the writer held the private half of the file's identity, which is sealed under the root. Neither whose
// identity that is nor that the file is the newest: [Contents.Check] compares a file with what its reader knows, a pin
// and what was last seen, and returns [ErrForeign], [ErrRolledBack], [ErrForked] or [ErrContinuityUnknown].
//
// # Stores
//
// A [Store] keeps the bytes of one keystore and replaces them only for a writer that has seen the current ones.
// [NewFile] and [NewMemory] make one; package keystore/storetest tests others. [File.Beside] is a store for a side
// file, such as the [Wear] file in which rings count what each key has sealed.
//
// # Limits
//
// A file has at most 16 MiB, 16 groups, 64 stanzas and digests of 64 generations; that is room for some 20,000 keys.
// Parsing takes about 2 µs a key.
package keystore
