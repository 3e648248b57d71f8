package vectors

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
)

// signatures: who signed, what, and what is looked at first.
func signatures() []*Vector {
	signer := func(k ed25519.PrivateKey) edit { return func(f *file) { f.signer = k } }
	label := func(s string) edit { return func(f *file) { f.label = s } }
	handed := func(h object) edit { return head("handover", h.String()) }
	signed := plain().bytes()
	return []*Vector{
		bytesAs(tampered, "signature-header-changed", "One digit of the header.",
			"the file is not as its identity", replaceOnce(signed, `"lease":300`, `"lease":301`)),
		bytesAs(tampered, "signature-key-changed", "One mark of a key.", "the file is not as its identity",
			bytes.Replace(signed, []byte(`"compromised":false`), []byte(`"compromised":true`), 1)),
		bytesAs(tampered, "signature-key-removed", "A line taken out.",
			"the file is not as its identity", replaceOnce(signed, retired().String()+"\n", "")),
		bytesAs(tampered, "signature-keys-swapped", "Two lines exchanged.", "the file is not as its identity",
			replaceOnce(signed, retired().String()+"\n"+active().String()+"\n", active().String()+"\n"+retired().String()+"\n")),
		bytesAs(tampered, "signature-identity-changed", "The header names another identity.",
			"the file is not as its identity",
			replaceOnce(signed, base64Of(publicOf(alice)), base64Of(publicOf(mallory)))),
		bytesAs(tampered, "signature-of-other-file", "The last line of another keystore of the same identity.",
			"the file is not as its identity", foreignSignature()),
		bytesAs(tampered, "signature-zeros", "64 zero bytes.",
			"the file is not as its identity", withSignature(make([]byte, 64))),
		from(tampered, "signature-by-other", "Signed by an identity that the header does not name.",
			"the file is not as its identity", signer(mallory)),
		from(tampered, "signature-by-previous", "Signed by the identity that has handed over.",
			"the file is not as its identity",
			handed(handover(bob, alice, uuid(1))), signer(bob)),
		from(tampered, "signature-label-handover", "Signed for another purpose.",
			"the file is not as its identity", label("sealwax/v1 handover")),
		from(tampered, "signature-label-other", "Signed under a label of no purpose.",
			"the file is not as its identity", label("sealwax/v2 keystore")),
		bytesAs(tampered, "signature-of-digest", "Signed without a label.",
			"the file is not as its identity", withSignature(signDigest(nil))),
		bytesAs(tampered, "signature-of-bytes", "Signed without the hash.",
			"the file is not as its identity",
			withSignature(ed25519.Sign(alice, append([]byte("sealwax/v1 keystore\x00"), before()...)))),
		bytesAs(tampered, "signature-prehash", "Ed25519ph instead of Ed25519.",
			"the file is not as its identity", withSignature(prehashed())),
		bytesAs(tampered, "signature-s-not-reduced", "S plus the order of the group: not canonical.",
			"the file is not as its identity", withSignature(notReduced())),

		good("handover", "Bob has handed over to Alice.", handed(handover(bob, alice, uuid(1)))),
		from(tampered, "handover-by-other", "Mallory signs for Bob.", "the handover to",
			handed(handover(mallory, alice, uuid(1)).with("previous", base64Of(publicOf(bob))))),
		from(tampered, "handover-to-other", "Bob has handed over to Carol.",
			"the handover to", handed(handover(bob, carol, uuid(1)))),
		from(tampered, "handover-of-other-keystore", "Bob has handed over to Alice in another keystore.",
			"the handover to", handed(handover(bob, alice, uuid(9)))),
		from(tampered, "handover-label", "Bob has signed a keystore, not a handover.",
			"the handover to", handed(wrongLabel())),
		damage("handover-to-itself", "From Alice to Alice.",
			"line 1: handover: from the identity to itself", handed(handover(alice, alice, uuid(1)))),

		bytesAs(damaged, "order-grammar-before-signature", "Malformed and not signed by its identity: damaged.",
			"line 1, column 280, lease: want a number from 0 to 31622400",
			replaceOnce(signed, `"lease":300`, `"lease":0300`)),
		from(tampered, "order-signature-before-rules", "Breaks a rule and is not signed by its identity: tampered.",
			"the file is not as its identity",
			withKeys(active(), active()), signer(mallory)),
		from(tampered, "order-handover-before-rules", "Breaks a rule, and its handover was not signed: tampered.",
			"the handover to",
			withKeys(active(), active()), handed(handover(bob, carol, uuid(1)))),
	}
}

// before returns what the plain file has before its last line.
func before() []byte {
	file := plain().bytes()
	return file[:bytes.LastIndexByte(file[:len(file)-1], '\n')+1]
}

func withSignature(signature []byte) []byte {
	return append(before(), object{{"signature", base64Of(signature)}}.String()+"\n"...)
}

func foreignSignature() []byte {
	other := plain()
	other.header = other.header.with("lease", "301")
	file := other.bytes()
	return append(before(), file[bytes.LastIndexByte(file[:len(file)-1], '\n')+1:]...)
}

func signDigest(label []byte) []byte {
	digest := sha512.Sum512(before())
	return ed25519.Sign(alice, append(label, digest[:]...))
}

func prehashed() []byte {
	digest := sha512.Sum512(append([]byte("sealwax/v1 keystore\x00"), before()...))
	signature, err := alice.Sign(nil, digest[:], &ed25519.Options{Hash: crypto.SHA512})
	if err != nil {
		panic(err)
	}
	return signature
}

// notReduced adds the order of the group to S, which is a second spelling of a signature that lax verifiers take.
func notReduced() []byte {
	signature := signDigest([]byte("sealwax/v1 keystore\x00"))
	order := []byte{
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
	}
	carry := 0
	for i, b := range order {
		sum := int(signature[32+i]) + int(b) + carry
		signature[32+i], carry = byte(sum), sum>>8
	}
	return signature
}

func wrongLabel() object {
	h := handover(bob, alice, uuid(1))
	message := append([]byte("sealwax/v1 keystore\x00"), uuidBytes(uuid(1))...)
	message = append(append(message, publicOf(bob)...), publicOf(alice)...)
	return h.with("signature", base64Of(ed25519.Sign(bob, message)))
}
