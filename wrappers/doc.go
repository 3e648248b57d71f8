// Package wrappers makes key-encryption keys out of key-management drivers.
//
// A [KEK] works over any wrapping.Wrapper of github.com/hashicorp/go-kms-wrapping/v2, from this module or not, and adds
// what such drivers lack:
//
//   - Deadlines that hold. Each attempt runs in a goroutine of its own and is given up after 10 s ([Options].Timeout) or
//     when the caller's context ends, also when the driver ignores contexts. At most 16 goroutines of a KEK are inside
//     its driver; when all of them hang, further calls are refused at once.
//   - Retries of what is worth it. An error is of one of three classes: [Never], [Later], [Ask]. Only Later is tried
//     again, at most 3 times in all, with growing random pauses.
//   - A budget. At most 600 calls in any one minute ([Options].CallsPerMinute) reach the provider; [KEK.Stats] has counted
//     them, by operation and outcome.
//   - Nothing malformed reaches the driver, and a driver that panics gives an error.
//   - Proof that it opens: what was wrapped is unwrapped and compared before Wrap returns. And that it is wrapped: a blob
//     that shows 12 bytes in a row of the plaintext's last 32, also in hexadecimal or base64, is refused.
//   - A stored form of our own ([Wrapped]), so that a later version of a driver cannot make old keystores unreadable.
//   - Errors ([Error]) that name the KEK, the provider, the key, the cause and the next step, and that may be printed
//     whatever the driver said.
//
// A KEK wraps 1 to 128 bytes: a keystore's root, or a share of it, never data. Wrapping is not authentication: whoever
// can encrypt under a KEK can make something that it unwraps. The keystore checks what came out.
//
// # Several KEKs
//
// [UnwrapFirst] asks several KEKs of which any one is enough. It starts the next one when one fails or is slow, and
// reports who was asked, when, for how long, and what came of it. Who is asked first is for [Order] to say, and for the
// [Health] that each KEK remembers: one that is down costs the hedge delay once, and is not asked first again before it
// has rested, for 30 s at first and for 10 minutes at most.
//
// # Providers
//
// Each folder below is one provider: aead (package local), awskms, azurekeyvault, gcpckms, hpke, passphrase, transit. It
// has New for Go programs and Configure for config files, which takes [Settings] and touches neither network nor key
// files: those are read when they are first needed, so that one missing file stops neither status nor another KEK. A
// wrapper tells a KEK more about itself through the optional interfaces [Schemer], [Versioner], [Classifier],
// [WrapOnlyer], [PinRequirer], [Offliner], [PersonWaiter], [Checker] and [Inspector]. docs/writing-a-provider.md shows
// how to add one, and package wrappertest is the suite that it must pass.
package wrappers
