// Package jws verifies signatures in the compact form of RFC 7515 by keys whose algorithm is known beforehand.
//
// What a header says chooses nothing but the key: its algorithm must be that of the key. A header that has anything but
// alg, kid and typ is refused, and with it all that goes wrong with crit, b64, jwk, jku and x5c. Each signature has one
// spelling: base64url as RFC 4648 has it, without padding, spaces or stray bits.
package jws
