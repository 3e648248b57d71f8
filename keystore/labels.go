package keystore

// What an identity signs begins with one of these and a zero byte, so that a signature made for one purpose is none for
// the other. No label is ever used again for something else.
const (
	labelKeystore = "sealwax/v1 keystore"
	labelHandover = "sealwax/v1 handover"
)
